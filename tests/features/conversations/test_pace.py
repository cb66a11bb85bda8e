"""Alice writes faster than a person can ask: one word, then silence, and all of it stands in the ledger."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from tests.features.messaging.conftest import Town

from kunak.features.conversations.service import Conversation, Library, Pace
from kunak.features.language_models.schemas import Spender
from kunak.features.messaging.schemas import NewUpdate, TurnResult
from kunak.features.understanding.service import Refines
from kunak.foundation.counting.memory import MemoryCounter
from kunak.foundation.counting.postgres import PostgresCounter
from kunak.foundation.db.engine import create_reading_sessions


def written(number: int, chat_id: int, text: str, person: int = 1) -> tuple[str, dict[str, Any]]:
    chat = {"id": chat_id, "type": "private" if chat_id > 0 else "supergroup"}
    return "message", {"message_id": number, "chat": chat, "text": text, "from": {"id": person, "language_code": "en"}}


def pressed(number: int, person: int = 1) -> tuple[str, dict[str, Any]]:
    return "callback_query", {"id": str(number), "data": "?", "from": {"id": person, "language_code": "en"}}


class Alice:
    """Writes, and hears at once."""

    def __init__(
        self, town: Town, engine: AsyncEngine, refiner_for: Callable[[Spender], Refines] | None = None
    ) -> None:
        self._town, self._number = town, 0
        pace = Pace(MemoryCounter(60, clock=lambda: 0.0), 2)
        library = Library(town.sessions, create_reading_sessions(engine), refiner_for=refiner_for)
        self._conversation = Conversation(library, town.directory, pace=pace)

    async def does(self, chat_id: int, update: tuple[str, dict[str, Any]]) -> str:
        """What is said to it."""
        self._number += 1
        kind, payload = update
        new = NewUpdate(self._town.bot.id, self._number, chat_id, kind, {kind: payload}, ordered=True)
        await self._town.ledger.receive(new)
        turn = await self._town.turn(chat_id)
        reply = await self._conversation.respond(turn)
        result = TurnResult(turn, tuple(reply.says), keep=reply.keep, why=reply.why)
        assert await self._town.ledger.finish_turn(result)
        return "|".join(str(say.params.get("text", "")) for say in reply.says)


async def test_one_word_a_minute_then_silence_and_a_reason_in_the_ledger(town: Town, engine: AsyncEngine) -> None:
    alice = Alice(town, engine)
    said = [await alice.does(1, written(number, 1, "/start")) for number in range(4)]
    assert [text[:12] for text in said] == ["Hello! I am ", "Hello! I am ", "Not so fast,", ""]
    assert await alice.does(1, pressed(9)) == ""
    states = await town.fetch("SELECT state, error_text FROM inbox ORDER BY id")
    why = "Not answered: more than 2 messages of one person within a minute."
    assert states == [("COMPLETED", None)] * 2 + [("COMPLETED", why)] * 3


async def test_what_ends_something_is_done_even_for_who_writes_too_fast_and_does_not_flood(
    town: Town, engine: AsyncEngine
) -> None:
    alice = Alice(town, engine)
    for number in range(3):
        await alice.does(1, written(number, 1, "/start"))
    said = []
    for number in range(4):
        await town.execute("INSERT INTO threads (bot_id, chat_id, language) SELECT id, 1, 'en' FROM bots")
        said.append(await alice.does(1, written(number, 1, "/refresh" if number % 2 else "/stop")))
        await town.execute("UPDATE threads SET state = 'closed' WHERE :number % 2 = 0", number=number)
    assert [text[:10] for text in said] == ["I am not w", "We begin a", "", ""]
    assert await town.fetch("SELECT DISTINCT state FROM threads") == [("closed",)]
    assert await town.fetch("SELECT error_text FROM inbox ORDER BY id DESC LIMIT 1") == [
        ("Done without a word: more than 2 commands within a minute.",)
    ]


async def test_a_group_is_no_person_and_what_is_not_for_the_bot_does_not_count(town: Town, engine: AsyncEngine) -> None:
    alice = Alice(town, engine)
    for number in range(5):
        assert await alice.does(-5, written(number, -5, "just talking")) == ""
    for person in (1, 1, 2):
        assert "Hello!" in await alice.does(-5, written(9, -5, "/start@friend_bot", person))
    assert "Not so fast" in await alice.does(-5, written(9, -5, "/start@friend_bot"))
    assert await alice.does(-5, pressed(1, person=1)) == ""
    assert await alice.does(1, written(9, 1, "/start")) == ""


async def test_who_is_held_back_in_a_group_costs_no_second_opinion(town: Town, engine: AsyncEngine) -> None:
    asked: list[str] = []

    class Counting:
        async def intent_of(self, text: str) -> None:
            asked.append(text)

    alice = Alice(town, engine, lambda _: Counting())
    for number in range(5):
        await alice.does(-5, written(number, -5, "@friend_bot хм, бассейн"))
    assert len(asked) <= 2


async def test_two_processes_count_together(town: Town) -> None:
    here, there = (PostgresCounter(town.sessions, 60, forget_every=1) for _ in range(2))
    counts = [(await counter.count("alice")).count for counter in (here, there, here)]
    assert counts == [1, 2, 3]
    assert 0 < (await there.count("bob")).ends_in_s <= 60
    await town.execute("UPDATE counts SET ends_at = now() - interval '2 minutes'")
    assert (await here.count("alice")).count == 1
    assert await town.fetch("SELECT key FROM counts") == [("alice",)]
