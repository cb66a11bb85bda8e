"""What ends an answer is heeded when it arrives, and only by the answer that it means."""

from typing import Any

from sqlalchemy import text
from tests.features.messaging.conftest import Town

from kunak.features.messaging.schemas import STOP_KIND, NewUpdate, TurnResult, draft_id_of
from kunak.features.messaging.service import has_stopped_something


async def receive(town: Town, update_id: int, kind: str, content: dict[str, Any], chat_id: int = 1) -> None:
    payload = {"update_id": update_id, kind: content}
    await town.ledger.receive(NewUpdate(town.bot.id, update_id, chat_id, kind, payload, ordered=True))


async def stopped(town: Town) -> list[int]:
    return [number for (number,) in await town.fetch("SELECT update_id FROM inbox WHERE stop_asked ORDER BY id")]


async def test_the_button_ends_the_answer_of_its_draft_and_takes_no_turn(town: Town) -> None:
    await town.receive(1, 2)
    turn = await town.turn()
    await receive(town, 3, STOP_KIND, {"draft_id": draft_id_of(turn.message_id) + 7})
    assert await stopped(town) == []
    await receive(town, 4, STOP_KIND, {"draft_id": draft_id_of(turn.message_id)})
    assert await stopped(town) == [1]
    assert [state for state, _ in await town.states()] == ["PROCESSING", "RECEIVED", "COMPLETED", "COMPLETED"]


async def test_the_command_ends_all_before_it_unless_it_is_for_another_bot(town: Town) -> None:
    await town.receive(1, 2)
    await receive(town, 3, "message", {"text": "/stop@another_bot"})
    await receive(town, 4, "message", {"text": "/stopping"})
    assert await stopped(town) == []
    await receive(town, 5, "message", {"text": f"/stop@{town.bot.username.upper()}"})
    await town.receive(6)
    assert await stopped(town) == [1, 2, 3, 4]
    assert (await town.turn()).stop_asked


async def test_in_a_group_the_command_ends_what_its_asker_wants_to_know_in_its_topic(town: Town) -> None:
    alice, bob, channel = {"from": {"id": 1}}, {"from": {"id": 2}}, {"sender_chat": {"id": -9}}
    here, there = ({"message_thread_id": topic, "is_topic_message": True} for topic in (5, 6))
    asked: list[dict[str, Any]] = [alice | here, bob | here, alice | there, alice, alice | channel]
    for number, who in enumerate(asked, start=1):
        await receive(town, number, "message", {"text": "What of the pass?", **who}, chat_id=-7)
    await receive(town, 6, "callback_query", {"data": "more", "message": here, **alice}, chat_id=-7)
    await receive(town, 7, "message", {"text": "/stop", **alice, **here}, chat_id=-7)
    assert await stopped(town) == [1, 6]
    await receive(town, 8, "message", {"text": "/stop", **alice, "message_thread_id": 77}, chat_id=-7)
    assert await stopped(town) == [1, 4, 6]


async def test_whether_a_command_ended_something_is_found_at_once_in_a_long_inbox(town: Town) -> None:
    await town.execute(_LONG_INBOX, bot=town.bot.id)
    await town.execute("ANALYZE inbox")
    await receive(town, 9000, "message", {"text": "/stop"})
    ended, rows = await look(town, 9000)
    assert (ended, rows < 10) == (False, True)
    await finish(town)
    await town.receive(9001)
    await receive(town, 9002, "message", {"text": "/stop"})
    await finish(town, 2)
    await receive(town, 9003, "message", {"text": "/stop"})
    assert [(await look(town, number))[0] for number in (9002, 9003)] == [True, False]


async def look(town: Town, update_id: int) -> tuple[bool, int]:
    """Whether the command of this update ended something, and how many updates were read to know it."""
    [(message_id,)] = await town.fetch("SELECT id FROM inbox WHERE update_id = :update", update=update_id)
    async with town.sessions() as session:
        ended = await has_stopped_something(session, message_id)
        return ended, int(await session.scalar(_READ) or 0)


async def finish(town: Town, times: int = 1) -> None:
    for _ in range(times):
        assert await town.ledger.finish_turn(TurnResult(await town.turn()))


_READ = text("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'inbox'")
_LONG_INBOX = """
    INSERT INTO inbox (bot_id, update_id, chat_id, kind, state, payload)
    SELECT :bot, number, 2 + number % 50, 'message', 'COMPLETED', '{}' FROM generate_series(1, 5000) AS number
"""
