"""Things go wrong on demand: once, for whom it was asked, before the effect or after it."""

import httpx
import pytest
from aiogram.exceptions import (
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from tests.integrations.telegram.sandbox.conftest import Town

from kunak.integrations.telegram.sandbox.faults import Fault, FaultKind, Faults


@pytest.fixture
def met(town: Town) -> Town:
    town.sandbox.write_to(town.bot, town.alice, "hello")
    town.sandbox.write_to(town.bot, town.bob, "hello")
    return town


def texts(town: Town) -> list[str]:
    return [message["text"] for message in town.sandbox.sent_messages(town.bot)]


async def test_too_many_requests_says_when_to_come_back(met: Town) -> None:
    met.sandbox.break_next(FaultKind.TOO_MANY_REQUESTS, retry_after=7)
    response = await met.call("sendMessage", chat_id=met.alice.id, text="hi")
    assert response.status_code == httpx.codes.TOO_MANY_REQUESTS
    assert response.json()["parameters"] == {"retry_after": 7}
    met.sandbox.break_next(FaultKind.TOO_MANY_REQUESTS)
    with pytest.raises(TelegramRetryAfter):
        await met.client.send_message(met.alice.id, "hi")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.INTERNAL_ERROR, TelegramServerError),
        (FaultKind.BAD_GATEWAY, TelegramServerError),
        (FaultKind.BLOCKED, TelegramForbiddenError),
        (FaultKind.DROP_BEFORE, TelegramNetworkError),
    ],
)
async def test_a_fault_before_the_effect_strikes_once(met: Town, kind: FaultKind, error: type[Exception]) -> None:
    met.sandbox.break_next(kind)
    with pytest.raises(error):
        await met.client.send_message(met.alice.id, "first")
    await met.client.send_message(met.alice.id, "second")
    assert texts(met) == ["second"]


async def test_a_connection_dropped_after_the_effect_leaves_the_message(met: Town) -> None:
    met.sandbox.break_next(FaultKind.DROP_AFTER)
    with pytest.raises(TelegramNetworkError):
        await met.client.send_message(met.alice.id, "hi")
    assert texts(met) == ["hi"]


async def test_a_call_that_hangs_runs_into_the_time_out(met: Town) -> None:
    met.sandbox.break_next(FaultKind.HANG, seconds=30.0)
    with pytest.raises(httpx.ReadTimeout):
        await met.http.post(f"{met.url}/bot{met.bot.token}/getMe", timeout=httpx.Timeout(60, read=0.1))


async def test_a_fault_hits_only_whom_it_was_meant_for(met: Town) -> None:
    met.sandbox.break_next(FaultKind.BLOCKED, method="sendMessage", bot_id=met.bot.id, chat_id=met.bob.id, times=None)
    await met.client.get_me()
    await met.client.send_message(met.alice.id, "hi")
    for _ in range(2):
        with pytest.raises(TelegramForbiddenError):
            await met.client.send_message(met.bob.id, "hi")
    met.sandbox.mend()
    await met.client.send_message(met.bob.id, "hi")


def test_the_same_seed_gives_the_same_chance() -> None:
    def run() -> list[bool]:
        faults = Faults(seed=3)
        faults.add(Fault(FaultKind.INTERNAL_ERROR, times=None, probability=0.5))
        return [faults.strike_call("getMe", 1, None) is not None for _ in range(50)]

    assert run() == run()
    assert 10 < sum(run()) < 40


async def test_an_update_comes_twice(town: Town) -> None:
    town.sandbox.break_next(FaultKind.DUPLICATE_UPDATE)
    town.sandbox.write_to(town.bot, town.alice, "hello")
    first = await town.client.get_updates()
    second = await town.client.get_updates(offset=first[-1].update_id + 1)
    assert [u.update_id for u in first] == [u.update_id for u in second]
    assert await town.client.get_updates(offset=first[-1].update_id + 1) == []


async def test_a_poll_brings_by_number_what_came_out_of_order(town: Town) -> None:
    town.sandbox.break_next(FaultKind.OUT_OF_ORDER_UPDATE, method="message")
    town.sandbox.write_to(town.bot, town.alice, "one")
    town.sandbox.write_to(town.bot, town.alice, "two")
    earlier, later = await town.client.get_updates()
    assert (earlier.message.text, later.message.text) == ("one", "two")  # type: ignore[union-attr] # sent just above
    assert later.update_id == earlier.update_id + 1


async def test_faults_are_set_over_http(met: Town) -> None:
    fault = {"kind": "internal_error", "method": "getMe", "times": 2}
    created = (await met.http.post(f"{met.url}/api/faults", json=fault)).json()
    assert (await met.call("getMe")).status_code == httpx.codes.INTERNAL_SERVER_ERROR
    listed = (await met.http.get(f"{met.url}/api/faults")).json()["faults"]
    assert [(each["id"], each["hits"]) for each in listed] == [(created["id"], 1)]
    await met.http.delete(f"{met.url}/api/faults/{created['id']}")
    assert (await met.call("getMe")).status_code == httpx.codes.OK


async def test_an_unknown_fault_is_refused(met: Town) -> None:
    response = await met.http.post(f"{met.url}/api/faults", json={"kind": "earthquake"})
    assert response.status_code == httpx.codes.BAD_REQUEST
    assert "kind is one of" in response.json()["error"]
