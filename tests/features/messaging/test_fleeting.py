"""Inline queries: answered at once or never, and never in the way of messages."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.features.messaging.conftest import Town

from kunak.features.bots import service as bots
from kunak.features.messaging.schemas import AnswerFleeting, NewUpdate, Say
from kunak.features.messaging.service.failures import is_moot
from kunak.features.messaging.service.fleeting import answer_fleeting
from kunak.integrations.telegram.interface import BotAccess, TelegramRefusedError

TOO_OLD = TelegramRefusedError("Bad Request: query is too old and response timeout expired or query ID is invalid")


@dataclass
class Talker:
    """Answers each query with its own text, unless Telegram refuses."""

    refusal: Exception | None = None
    answered: list[Any] = field(default_factory=list)

    async def respond(self, _: int, kind: str, payload: dict[str, Any]) -> Say | None:
        return Say("answerInlineQuery", {"text": payload[kind]})

    async def call(self, _: BotAccess, method: str, params: dict[str, Any] | None = None, *, wait_s: float = 0) -> Any:
        assert (method, wait_s) == ("answerInlineQuery", 0)
        if self.refusal is not None:
            raise self.refusal
        self.answered.append((params or {})["text"])

    async def close(self) -> None: ...


async def type_letters(town: Town, *texts: str, person: int = 7) -> list[int]:
    """Each text is an inline query of its own; their numbers."""
    numbers = [person * 1000 + place for place in range(len(texts))]
    for update_id, text in zip(numbers, texts, strict=True):
        payload = {"update_id": update_id, "inline_query": text}
        await town.ledger.receive(NewUpdate(town.bot.id, update_id, person, "inline_query", payload, ordered=True))
    return numbers


async def answer(town: Town, talker: Talker, *update_ids: int) -> None:
    for update_id in update_ids:
        job = AnswerFleeting(town.bot.id, update_id)
        await answer_fleeting(town.sessions, town.directory, talker, talker.respond, job)


async def test_only_the_newest_of_a_person_is_answered(town: Town) -> None:
    alice = await type_letters(town, "b", "br", "bridge")
    bob = await type_letters(town, "road", person=8)
    talker = Talker()
    await answer(town, talker, *alice, *bob)
    assert talker.answered == ["bridge", "road"]


async def test_messages_do_not_wait_for_it_nor_it_for_them(town: Town) -> None:
    await type_letters(town, "bridge", person=1)
    await town.receive(5000)
    assert (await town.turn()).update_id == 5000
    assert await town.queued("AnswerFleeting") == 1
    assert await town.queued("AnswerChat") == 1


async def test_it_leaves_no_gap_before_the_next_message(town: Town) -> None:
    ledger = town.with_options(grace_s=30.0)
    [last] = await type_letters(town, "bridge", person=1)
    await ledger.receive(town.update(last + 1, ordered=False))
    assert (await town.turn()).update_id == last + 1


async def test_what_is_too_late_is_dropped(town: Town) -> None:
    numbers = await type_letters(town, "bridge")
    await town.execute("UPDATE inbox SET received_at = now() - interval '11 s'")
    talker = Talker()
    await answer(town, talker, *numbers)
    assert talker.answered == []


async def test_a_paused_bot_answers_nothing(town: Town) -> None:
    numbers = await type_letters(town, "bridge")
    async with town.sessions.begin() as session:
        await bots.pause_bot(session, town.bot.id, reason="holiday", actor="alice")
    talker = Talker()
    await answer(town, talker, *numbers)
    assert talker.answered == []


@pytest.mark.parametrize("refusal", [TOO_OLD, TelegramRefusedError("Bad Request: x"), OSError("gone")])
async def test_nothing_that_goes_wrong_is_tried_again(town: Town, refusal: Exception) -> None:
    await answer(town, Talker(refusal), *await type_letters(town, "bridge"))


def test_what_is_left_undone_rightly_is_no_failure() -> None:
    unchanged = TelegramRefusedError("Bad Request: message is not modified: specified new message content …")
    assert is_moot("editMessageText", unchanged)
    assert is_moot("answerCallbackQuery", TOO_OLD)
    assert not is_moot("sendMessage", unchanged)
    assert not is_moot("editMessageText", TelegramRefusedError("Bad Request: message to edit not found"))
