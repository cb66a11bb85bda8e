"""What a worker makes of a message that cannot be answered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from tests.features.messaging.conftest import Town

from kunak.features.messaging.jobs.answer import Answering
from kunak.features.messaging.jobs.deliver import Delivering
from kunak.features.messaging.schemas import AnswerChat, ChatKey, DeliverToChat, Reply, Say, Turn
from kunak.features.messaging.service import say
from kunak.foundation.errors import FatalError, RetryableError, TerminalError
from kunak.integrations.telegram.interface import BotAccess, TelegramRefusedError


@dataclass
class Talker:
    """Answers as it was told to: with an error, or with a word."""

    errors: list[Exception] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    async def respond(self, turn: Turn) -> Reply:
        if self.errors:
            raise self.errors.pop(0)
        return Reply([Say("sendMessage", {"chat_id": turn.chat.chat_id, "text": "hello"})])

    async def apologise(self, turn: Turn) -> Sequence[Say]:
        return [Say("sendMessage", {"chat_id": turn.chat.chat_id, "text": "sorry"})]

    async def respond_at_once(self, bot_id: int, kind: str, payload: dict[str, Any]) -> Say | None:
        raise NotImplementedError(bot_id, kind, payload)

    async def call(self, _: BotAccess, method: str, params: dict[str, Any] | None = None, *, wait_s: float = 0) -> Any:
        self.sent.append(f"{method} {(params or {}).get('text')}, {wait_s}")
        return {"message_id": 1}

    async def close(self) -> None: ...


def answering(town: Town, talker: Talker) -> Answering:
    return Answering(town.ledger, town.directory, talker)


def delivering(town: Town, talker: Talker) -> Delivering:
    return Delivering(town.ledger, town.directory, talker)


async def answer(town: Town, talker: Talker, times: int = 1) -> None:
    for _ in range(times):
        await answering(town, talker).answer_chat(AnswerChat(town.bot.id, 1))


async def said(town: Town) -> list[tuple[Any, ...]]:
    return await town.fetch("SELECT params ->> 'text' FROM outbox ORDER BY id")


async def test_an_error_for_good_is_apologised_for_once(town: Town) -> None:
    await town.receive(1)
    await answer(town, Talker([TerminalError("never")]), times=3)
    assert await town.states() == [("TERMINAL", 1)]
    assert await said(town) == [("sorry",)]


async def test_an_error_of_ours_is_apologised_for_too(town: Town) -> None:
    await town.receive(1)
    await answer(town, Talker([KeyError("oops")]))
    assert await town.fetch("SELECT state, error_class, error_text FROM inbox") == [
        ("TERMINAL", "TERMINAL", "KeyError: 'oops'")
    ]
    assert await said(town) == [("sorry",)]


@pytest.mark.parametrize("error", [OSError("network"), TimeoutError(), RetryableError("busy", retry_after=0)])
async def test_an_error_that_passes_is_not_spoken_of(town: Town, error: Exception) -> None:
    await town.receive(1)
    await answer(town, Talker([error]), times=2)
    assert await town.states() == [("COMPLETED", 2)]
    assert await said(town) == [("hello",)]


async def test_tries_have_an_end(town: Town) -> None:
    await town.receive(1)
    await answer(town, Talker([OSError("network")] * 10), times=10)
    assert await town.states() == [("TERMINAL", 3)]
    assert await said(town) == [("sorry",)]


async def test_being_asked_to_wait_is_borne_longer_than_failing(town: Town) -> None:
    await town.receive(1)
    await answer(town, Talker([RetryableError("busy", retry_after=0)] * 14), times=15)
    assert await town.states() == [("COMPLETED", 15)]


async def test_a_message_that_kills_workers_ends(town: Town) -> None:
    await town.receive(1, 2)
    for _ in range(6):
        await town.turn()
        await town.let_leases_expire()
    await answer(town, Talker())
    assert await town.states() == [("TERMINAL", 7), ("RECEIVED", 0)]
    assert await said(town) == [("sorry",)]


async def test_a_delivery_that_kills_workers_ends(town: Town) -> None:
    await town.say("one")
    for _ in range(6):
        await town.ledger.claim_delivery(town.chat())
        await town.let_leases_expire()
        await town.execute("UPDATE chats SET next_send_at = NULL")
    talker = Talker()
    await delivering(town, talker).deliver_to_chat(DeliverToChat(town.bot.id, 1))
    assert await town.states("outbox") == [("TERMINAL", 7)]
    assert talker.sent == []


async def test_refused_credentials_park_the_message(town: Town) -> None:
    await town.receive(1)
    await answer(town, Talker([FatalError("no quota")]), times=2)
    assert await town.fetch("SELECT state, error_class, attempt FROM inbox") == [("FAILED", "FATAL", 1)]
    assert await said(town) == []
    assert await town.fetch("SELECT state FROM bots") == [("paused",)]


class Thinker(Talker):
    """Thinks without end."""

    thinking: asyncio.Event

    async def respond(self, turn: Turn) -> Reply:
        self.thinking.set()
        await asyncio.Event().wait()
        return await super().respond(turn)


async def test_a_worker_that_is_stopped_gives_the_message_back_at_once(town: Town) -> None:
    await town.receive(1)
    thinker = Thinker()
    thinker.thinking = asyncio.Event()
    working = asyncio.create_task(answering(town, thinker).answer_chat(AnswerChat(town.bot.id, 1)))
    await thinker.thinking.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert (await town.turn()).attempt == 2


async def test_an_answer_that_is_ready_when_its_worker_is_stopped_is_paid_for(town: Town) -> None:
    ready, paid = asyncio.Event(), []

    async def pay(session: AsyncSession) -> None:
        paid.append(await session.scalar(select(1)))

    class Waiter(Talker):
        async def respond(self, turn: Turn) -> Reply:
            ready.set()
            return replace(await super().respond(turn), owed=pay, has_nothing=True)

    await town.receive(1)
    job = Answering(town.with_options(burst_s=3600.0), town.directory, Waiter())
    working = asyncio.create_task(job.answer_chat(AnswerChat(town.bot.id, 1)))
    await ready.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert paid == [1]


@dataclass
class Refuser(Talker):
    """A Telegram that does not know these fields."""

    unknown: tuple[str, ...] = ()
    words: str = "Bad Request: can't parse entities"

    async def call(
        self, bot: BotAccess, method: str, params: dict[str, Any] | None = None, *, wait_s: float = 0
    ) -> Any:
        if any(name in (params or {}) for name in self.unknown):
            raise TelegramRefusedError(self.words)
        return await super().call(bot, method, params, wait_s=wait_s)


ENTITIES = [{"type": "bold", "offset": 0, "length": 5}]
FORMATTED = Say("sendMessage", {"chat_id": 1, "text": "hours", "entities": ENTITIES})
RICH = Say("sendRichMessage", {"chat_id": 1, "rich_message": {"html": "hours"}}, instead=FORMATTED)


@pytest.mark.parametrize(
    ("unknown", "words", "states"),
    [
        ((), "", ["SENDING", "DELIVERED"]),
        (("rich_message",), "Not Found: method not found", ["SENDING", "FAILED", "SENDING", "DELIVERED"]),
        (
            ("rich_message", "entities"),
            "Bad Request: ENTITY_BOUNDS",
            ["SENDING", "FAILED"] * 2 + ["SENDING", "DELIVERED"],
        ),
        (("rich_message",), "Bad Request: chat not found", ["SENDING", "TERMINAL"]),
    ],
)
async def test_a_message_refused_for_its_form_is_said_once_in_a_plainer_one(
    town: Town, unknown: tuple[str, ...], words: str, states: list[str]
) -> None:
    telegram = Refuser(unknown=unknown, words=words)
    async with town.sessions.begin() as session:
        await say(session, ChatKey(town.bot.id, 1), [RICH, Say("sendMessage", {"chat_id": 1, "text": "later"})])
    for _ in states[::2]:
        await town.execute("UPDATE chats SET next_send_at = NULL")
        await delivering(town, telegram).deliver_to_chat(DeliverToChat(town.bot.id, 1))
    rows = await town.fetch("SELECT t.state FROM message_transitions t WHERE box = 'outbox' ORDER BY t.id")
    assert [state for (state,) in rows] == states
    assert len(telegram.sent) == states.count("DELIVERED")


async def test_a_plain_bot_sends_no_formatting(town: Town) -> None:
    telegram = Refuser(unknown=("entities",))
    await town.execute("UPDATE bots SET answers = 'plain'")
    async with town.sessions.begin() as session:
        await say(session, ChatKey(town.bot.id, 1), [FORMATTED])
    await delivering(town, telegram).deliver_to_chat(DeliverToChat(town.bot.id, 1))
    assert telegram.sent == ["sendMessage hours, 0"]
