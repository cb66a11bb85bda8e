"""What a person writes in one go is one turn; nothing of it is lost or answered twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tests.features.messaging.conftest import RETRYABLE, Town

from kunak.features.messaging.jobs.answer import Answering
from kunak.features.messaging.schemas import AnswerChat, Failure, NewUpdate, NotYet, Reply, Say, Turn, TurnResult
from kunak.features.messaging.service import replay_message, show_message

ALICE, BOB = 5, 6
HELLO = Say("sendMessage", {"chat_id": 1, "text": "hello"})


@pytest.fixture
def burst(town: Town) -> Town:
    """A town whose ledger joins what comes within an hour: time plays no part in these tests."""
    town.ledger = town.with_options(burst_s=3600.0)
    return town


async def write(town: Town, update_id: int, text: str = "", *, by: int = ALICE, **more: Any) -> None:
    message = {"message_id": update_id, "date": 1_000, "chat": {"id": 1, "type": "group"}, "from": {"id": by}}
    payload = {"update_id": update_id, "message": message | {"text": text} | more}
    await town.ledger.receive(NewUpdate(town.bot.id, update_id, 1, "message", payload, ordered=True))


async def grow_old(town: Town) -> None:
    """The pause is over: nobody waits for more."""
    await town.execute("UPDATE inbox SET received_at = received_at - interval '1 hour'")


def texts(turn: Turn) -> list[str]:
    return [payload["message"]["text"] for payload in turn.payloads]


async def test_a_lone_question_waits_for_nothing(burst: Town) -> None:
    await write(burst, 1, "When?")
    assert texts(await burst.turn()) == ["When?"]


@pytest.mark.parametrize(
    "announcing",
    [{"media_group_id": "7"}, {"forward_origin": {"type": "hidden_user"}}, {"text": "long " * 800}],
)
async def test_what_announces_more_is_waited_for(burst: Town, announcing: dict[str, Any]) -> None:
    await write(burst, 1, **announcing)
    assert isinstance(await burst.ledger.claim_turn(burst.chat()), NotYet)
    await write(burst, 2, **({"text": "And?"} | announcing))
    await grow_old(burst)
    assert len((await burst.turn()).payloads) == 2


async def test_two_who_write_at_once_have_a_turn_each(burst: Town) -> None:
    for number, (by, said) in enumerate([(ALICE, "a1"), (BOB, "b1"), (ALICE, "a2"), (BOB, "b2")], start=1):
        await write(burst, number, said, by=by)
    await grow_old(burst)
    for wanted in (["a1", "a2"], ["b1", "b2"]):
        turn = await burst.turn()
        assert texts(turn) == wanted
        await burst.ledger.finish_turn(TurnResult(turn, (HELLO,)))
    assert await burst.states() == [("COMPLETED", 1)] * 4
    assert len(await burst.states("outbox")) == 2


async def test_commands_topics_and_older_messages_stand_for_themselves(burst: Town) -> None:
    await write(burst, 1, "When?")
    await write(burst, 2, "And where?", date=9_000)
    await write(burst, 3, "here", date=9_000, message_thread_id=4, is_topic_message=True)
    await write(burst, 4, "/help", date=9_000)
    await write(burst, 5, "Thanks", date=9_000)
    await grow_old(burst)
    seen = []
    while isinstance(turn := await burst.ledger.claim_turn(burst.chat()), Turn):
        seen.append(texts(turn))
        await burst.ledger.finish_turn(TurnResult(turn))
    assert seen == [["When?"], ["And where?"], ["here"], ["/help"], ["Thanks"]]


async def test_a_worker_that_dies_leaves_all_of_it_to_the_next(burst: Town) -> None:
    for number in (1, 2, 3):
        await write(burst, number, str(number), media_group_id="7")
    await grow_old(burst)
    zombie = await burst.turn()
    await burst.let_leases_expire()
    turn = await burst.turn()
    assert turn.interrupted
    assert turn.message_ids == zombie.message_ids == [1, 2, 3]
    assert not await burst.ledger.finish_turn(TurnResult(zombie, (HELLO,)))
    assert await burst.ledger.finish_turn(TurnResult(turn, (HELLO,)))
    assert await burst.states() == [("COMPLETED", 2)] * 3
    assert await burst.states("outbox") == [("PENDING", 0)]


async def test_a_failure_is_tried_again_with_all_of_it(burst: Town) -> None:
    for number in (1, 2):
        await write(burst, number, str(number))
    await grow_old(burst)
    failure = Failure(RETRYABLE, "busy", timedelta())
    await burst.ledger.finish_turn(TurnResult(await burst.turn(), failure=failure))
    assert await burst.states() == [("FAILED", 1)] * 2
    assert (await burst.turn()).message_ids == [1, 2]
    steps = await burst.fetch("SELECT message_id, state, attempt FROM message_transitions ORDER BY message_id, id")
    wanted = [("PROCESSING", 1), ("FAILED", 1), ("PROCESSING", 2)]
    assert steps == [(message_id, *step) for message_id in (1, 2) for step in wanted]


async def test_a_part_is_shown_and_replayed_with_the_rest(burst: Town) -> None:
    for number in (1, 2):
        await write(burst, number, str(number))
    await grow_old(burst)
    await burst.ledger.finish_turn(TurnResult(await burst.turn(), (HELLO,)))
    async with burst.sessions.begin() as session:
        assert len((await show_message(session, "inbox", 2)).said) == 1
        await replay_message(session, "inbox", 2)
    assert (await burst.turn()).message_ids == [1, 2]


class Late:
    """What comes late is written while the first part is thought about: for long, or for a moment."""

    def __init__(self, town: Town, *, thinks_long: bool, why: str = "") -> None:
        self.town = town
        self.thinks_long = thinks_long
        self.why = why
        self.seen: list[list[str]] = []
        self.is_written = asyncio.Event()
        self.noted: list[list[str]] = []

    async def respond(self, turn: Turn) -> Reply:
        self.seen.append(texts(turn))
        if len(self.seen) == 1:
            await write(self.town, 2, "And this?", forward_origin={"type": "hidden_user"})
            await write(self.town, 3, "elsewhere", by=BOB)
            await self.town.execute("UPDATE inbox SET received_at = (SELECT min(received_at) FROM inbox)")
            self.is_written.set()
            if self.thinks_long:
                await asyncio.Event().wait()
        return Reply([HELLO], why=self.why, note=lambda: self._note(turn))

    async def _note(self, turn: Turn) -> None:
        self.noted.append(texts(turn))

    async def apologise(self, turn: Turn) -> list[Say]:
        raise AssertionError(turn)

    async def respond_at_once(self, bot_id: int, kind: str, payload: dict[str, Any]) -> Say | None:
        raise AssertionError(bot_id, kind, payload)


@pytest.mark.parametrize("thinks_long", [True, False])
async def test_what_comes_while_the_first_part_is_thought_about_is_taken_in(
    town: Town, monkeypatch: pytest.MonkeyPatch, *, thinks_long: bool
) -> None:
    town.ledger = town.with_options(burst_s=0.05 if thinks_long else 3600.0)
    await write(town, 1, "What do you say to this?")
    late = Late(town, thinks_long=thinks_long)
    look = town.ledger.extend_turn

    async def look_when_it_is_written(turn: Turn) -> Turn | None:
        await late.is_written.wait()
        return await look(turn)

    monkeypatch.setattr(town.ledger, "extend_turn", look_when_it_is_written)
    jobs = Answering(town.ledger, town.directory, late)
    await jobs.answer_chat(AnswerChat(town.bot.id, 1))
    assert late.seen == [["What do you say to this?"], ["What do you say to this?", "And this?"]]
    assert late.noted == late.seen[1:]
    assert await town.states() == [("COMPLETED", 1), ("COMPLETED", 1), ("RECEIVED", 0)]
    assert await town.fetch("SELECT joined_to FROM inbox ORDER BY id") == [(None,), (1,), (None,)]
    assert await town.states("outbox") == [("PENDING", 0)]


async def test_a_word_that_is_no_answer_takes_nothing_in_and_is_not_lost(burst: Town) -> None:
    await write(burst, 1, "What do you say to this?")
    late = Late(burst, thinks_long=False, why="Too fast.")
    jobs = Answering(burst.ledger, burst.directory, late)
    await jobs.answer_chat(AnswerChat(burst.bot.id, 1))
    assert late.seen == [["What do you say to this?"]]
    assert await burst.fetch("SELECT state, error_text FROM inbox ORDER BY id LIMIT 1") == [("COMPLETED", "Too fast.")]
    assert await burst.states("outbox") == [("PENDING", 0)]


async def test_an_answer_that_was_ready_before_more_came_is_paid_and_not_said(burst: Town) -> None:
    await write(burst, 1, "Translate")
    turn = await burst.turn()
    await write(burst, 2, "into English: спасибо")
    paid: list[AsyncSession] = []

    async def pay(session: AsyncSession) -> None:
        paid.append(session)

    longer = await burst.ledger.finish_turn(TurnResult(turn, (HELLO,), owed=pay, may_grow=True))
    assert isinstance(longer, Turn)
    assert texts(longer) == ["Translate", "into English: спасибо"]
    assert len(paid) == 1
    assert await burst.states("outbox") == []
