"""Alice chooses her language, sees what she used, takes her data home, and has it erased."""

import json
from typing import Any

import pytest

from kunak.integrations.language_model.fake import FakeProvider
from tests.flows.conftest import OpenHouse
from tests.flows.test_answered_in_words import QUESTION, Talk, fake, talk_in

__all__ = ["fake"]


@pytest.fixture
async def talk(open_house: OpenHouse, fake: FakeProvider) -> Talk:
    return await talk_in(await open_house(model_url=fake.url, model_name="fake-1"), fake)


async def press(talk: Talk, said: dict[str, Any], number: int) -> dict[str, Any]:
    """What the message says after its button was pressed."""
    before = talk.house.sandbox.world.calls.last_number
    button = said["reply_markup"]["inline_keyboard"][0][number]
    await talk.house.sandbox.press(talk.chat, talk.alice, said["message_id"], button["callback_data"])
    edit = await talk.house.sandbox.wait_for_call(talk.house.telegram_bot, "editMessageText", after=before)
    return edit.params


async def my_data(talk: Talk) -> dict[str, Any]:
    said = await talk.ask("/mydata")
    file = talk.house.sandbox.world.files.get(said["document"]["file_id"])
    assert file is not None
    assert said["document"]["mime_type"] == "application/json"
    told: dict[str, Any] = json.loads(file.upload.content)
    return told


async def test_alice_is_spoken_to_in_the_language_she_chose(talk: Talk) -> None:
    offered = await talk.ask("/language")
    assert offered["text"] == "На каком языке мне с вами говорить?"
    assert (await press(talk, offered, 1))["text"] == "Agreed: I speak English to you from now on."
    assert "Hello! I am" in (await talk.ask("/start"))["text"]
    talk.fake.models.clear()
    assert "My language model is away" in (await talk.ask())["text"]
    assert await talk.fetch("SELECT language FROM person_languages") == [("en",)]


async def test_everything_that_is_kept_is_shown_and_erased(talk: Talk) -> None:
    await talk.ask()
    assert "Сегодня: 1 вопрос\n" in (await talk.ask("/usage"))["text"]
    await press(talk, await talk.ask("/language"), 0)
    kept = await my_data(talk)
    assert (kept["person"], kept["language"]) == (talk.alice.id, "ru")
    [thread] = kept["threads"]
    assert [each["role"] for each in thread["messages"]] == ["user", "assistant"]
    assert (
        [each["question"] for each in kept["answers"]] == [each["question"] for each in kept["searches"]] == [QUESTION]
    )
    assert [each["tokens_out"] > 0 for each in kept["usage"]] == [True]
    await press(talk, await talk.ask("/forget"), 0)
    kept = await my_data(talk)
    assert {name: kept[name] for name in ("language", "threads", "answers", "searches", "usage")} == {
        "language": None, "threads": [], "answers": [], "searches": [], "usage": [],
    }  # fmt: skip
    assert await talk.fetch("SELECT count(*), bool_and(is_forgotten) FROM spendings") == [(1, True)]
