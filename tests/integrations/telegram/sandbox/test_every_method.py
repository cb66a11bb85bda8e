"""The sandbox knows every method aiogram knows: each answers, none crashes, none is unknown."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.integrations.telegram.sandbox.conftest import Town, new_town

from kunak.integrations.telegram.sandbox.calls import ACTIONS
from kunak.integrations.telegram.sandbox.signatures import signatures

METHODS = sorted(signature.name for signature in signatures().values())


@pytest.fixture(scope="module")
async def town() -> AsyncIterator[Town]:
    """One for all: nothing here changes what the next test sees."""
    async with new_town() as town:
        yield town


@pytest.mark.parametrize("method", METHODS)
async def test_a_method_answers_an_empty_request(town: Town, method: str) -> None:
    response = await town.call(method)
    answer = response.json()
    assert answer["ok"] is (response.status_code == httpx.codes.OK)
    assert response.status_code in (200, 400, 403, 501), answer
    if not answer["ok"]:
        assert answer["error_code"] == response.status_code


def test_what_is_acted_is_known_to_aiogram() -> None:
    assert set(METHODS) >= set(ACTIONS)


async def test_a_known_method_that_is_not_acted_says_so(town: Town) -> None:
    sentence = "Not Implemented: method getAvailableGifts is known but the sandbox does not act it"
    assert await town.refused("getAvailableGifts") == (501, sentence)


async def test_the_case_of_a_method_does_not_matter(town: Town) -> None:
    assert (await town.call("GETME")).json()["result"]["id"] == town.bot.id
    response = await town.http.get(f"{town.url}/bot{town.bot.token}/getme")
    assert response.json()["result"]["username"] == "town_bot"


async def test_the_same_call_as_query_form_and_json(town: Town) -> None:
    town.sandbox.write_to(town.bot, town.alice, "hello")
    url, message = f"{town.url}/bot{town.bot.token}/sendMessage", {"chat_id": str(town.alice.id), "text": "hi"}
    ways = [
        await town.http.get(url, params=message),
        await town.http.post(url, data=message),
        await town.http.post(url, json=message),
        await town.http.post(url, files={name: (None, value) for name, value in message.items()}),
    ]
    assert [way.json()["result"]["text"] for way in ways] == ["hi"] * 4
