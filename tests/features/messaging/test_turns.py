"""One turn per chat at a time, in order, whoever dies."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from tests.features.messaging.conftest import AGAIN_AT_ONCE, RETRYABLE, TERMINAL, Town

from kunak.features.messaging.schemas import ChatKey, Failure, NotYet, Say, Turn, TurnResult
from kunak.features.messaging.service import wake_idle_chats
from kunak.features.messaging.service.turns import finish_turns

HELLO = (Say("sendMessage", {"chat_id": 1, "text": "hello"}),)


async def test_a_chat_has_one_turn_at_a_time_and_others_do_not_wait(town: Town) -> None:
    await town.receive(1, 2)
    await town.receive(3, chat_id=2)
    assert (await town.turn()).update_id == 1
    assert await town.ledger.claim_turn(town.chat()) is None
    assert (await town.turn(2)).update_id == 3


async def test_claims_of_one_chat_at_once_give_one_turn(town: Town) -> None:
    await town.receive(1)
    ledgers = [town.with_options() for _ in range(4)]
    claimed = await asyncio.gather(*(ledger.claim_turn(town.chat()) for ledger in ledgers for _ in range(5)))
    assert len([each for each in claimed if isinstance(each, Turn)]) == 1


async def test_a_claim_waits_for_the_row_of_its_chat_and_is_not_lost(town: Town) -> None:
    await town.receive(1)
    async with town.sessions() as other:
        await other.begin()
        await other.execute(text("UPDATE chats SET next_send_at = now()"))
        claim = asyncio.create_task(town.ledger.claim_turn(town.chat()))
        await _somebody_waits_for_a_lock(town)
        await other.commit()
    assert isinstance(await claim, Turn)


async def test_a_result_waits_for_the_row_of_its_chat_and_is_not_lost(town: Town) -> None:
    await town.receive(1)
    turn = await town.turn()
    async with town.sessions() as other:
        await other.begin()
        await other.execute(text("UPDATE chats SET next_send_at = now()"))
        finish = asyncio.create_task(town.ledger.finish_turn(TurnResult(turn, HELLO)))
        await _somebody_waits_for_a_lock(town)
        await other.commit()
    assert await finish
    assert await town.states("outbox") == [("PENDING", 0)]


async def test_a_late_result_of_a_worker_taken_for_dead_is_thrown_away(town: Town) -> None:
    await town.receive(1)
    zombie = await town.turn()
    await town.let_leases_expire()
    turn = await town.turn()
    assert turn.interrupted
    assert not await town.ledger.finish_turn(TurnResult(zombie, HELLO))
    assert await town.ledger.finish_turn(TurnResult(turn, HELLO))
    assert await town.states("outbox") == [("PENDING", 0)]


async def test_a_late_result_in_the_same_batch_as_the_valid_one_is_thrown_away(town: Town) -> None:
    await town.receive(1)
    zombie = await town.turn()
    await town.let_leases_expire()
    turn = await town.turn()
    async with town.sessions.begin() as session:
        results = [TurnResult(zombie, HELLO), TurnResult(turn, HELLO)]
        options = town.ledger.options
        finished = await finish_turns(session, results, lease_for=options.lease_for, burst_s=options.burst_s)
        assert finished == [False, True]
    assert await town.states("outbox") == [("PENDING", 0)]


async def test_a_turn_can_be_kept_only_while_it_is_ours(town: Town) -> None:
    await town.receive(1)
    turn = await town.turn()
    assert await town.ledger.keep_turn(turn)
    await town.let_leases_expire()
    await town.turn()
    assert not await town.ledger.keep_turn(turn)


async def test_no_wake_up_is_lost_between_arriving_and_finishing(town: Town) -> None:
    """Every message is answered by following the jobs alone; the net under them is not spread here."""
    count = 60
    writing = asyncio.gather(*(town.with_options().receive(town.update(number, number % 3)) for number in range(count)))
    seen = 0
    while seen < count:
        if not (woken := await _take_jobs(town)):
            await asyncio.sleep(0)
            assert not writing.done() or await town.queued("AnswerChat"), f"{count - seen} messages are left alone"
            continue
        turns = await asyncio.gather(*(town.with_options().claim_turn(chat) for chat in woken))
        mine = [turn for turn in turns if isinstance(turn, Turn)]
        seen += sum(
            each is True
            for each in await asyncio.gather(*(town.with_options().finish_turn(TurnResult(turn)) for turn in mine))
        )
    await writing


async def test_a_retry_keeps_the_order_of_its_chat(town: Town) -> None:
    await town.receive(1, 2)
    await town.ledger.finish_turn(TurnResult(await town.turn(), failure=Failure(RETRYABLE, "busy", timedelta(hours=1))))
    assert isinstance(await town.ledger.claim_turn(town.chat()), NotYet)
    await town.execute("UPDATE inbox SET retry_at = now()")
    assert (await town.turn()).update_id == 1
    assert await town.states() == [("PROCESSING", 2), ("RECEIVED", 0)]


async def test_one_given_up_frees_its_chat(town: Town) -> None:
    await town.receive(1, 2)
    await town.ledger.finish_turn(TurnResult(await town.turn(), HELLO, Failure(TERMINAL, "never")))
    assert (await town.turn()).update_id == 2
    assert await town.states("outbox") == [("PENDING", 0)]


async def test_every_step_is_written_down(town: Town) -> None:
    await town.receive(1)
    await town.ledger.finish_turn(TurnResult(await town.turn(), failure=Failure(RETRYABLE, "busy", AGAIN_AT_ONCE)))
    await town.ledger.finish_turn(TurnResult(await town.turn()))
    steps = await town.fetch("SELECT state, attempt, error_class, error_text FROM message_transitions ORDER BY id")
    assert steps == [
        ("PROCESSING", 1, None, None),
        ("FAILED", 1, "RETRYABLE", "busy"),
        ("PROCESSING", 2, None, None),
        ("COMPLETED", 2, None, None),
    ]


async def test_a_later_update_waits_a_moment_for_the_one_before(town: Town) -> None:
    town.ledger = town.with_options(grace_s=600.0)
    await town.receive(3, 5, ordered=False)
    await town.execute("UPDATE inbox SET after_gap = false WHERE update_id = 3")
    await town.ledger.finish_turn(TurnResult(await town.turn()))
    assert isinstance(await town.ledger.claim_turn(town.chat()), NotYet)
    await town.receive(4, ordered=False)
    assert (await town.turn()).update_id == 4


async def test_a_gap_that_never_closes_costs_only_the_grace(town: Town) -> None:
    town.ledger = town.with_options(grace_s=600.0)
    await town.receive(5, ordered=False)
    assert isinstance(await town.ledger.claim_turn(town.chat()), NotYet)
    await town.execute("UPDATE inbox SET received_at = now() - interval '601 s'")
    assert (await town.turn()).update_id == 5


async def test_a_gap_in_one_bot_or_later_in_the_order_holds_up_nobody(town: Town) -> None:
    town.ledger = town.with_options(grace_s=600.0)
    await town.receive(1)
    await town.receive(9, chat_id=2, ordered=False)
    assert (await town.turn()).update_id == 1


async def test_a_chat_whose_worker_died_is_woken(town: Town) -> None:
    await town.receive(1)
    await town.turn()
    async with town.sessions.begin() as session:
        assert await wake_idle_chats(session, older_than_s=0) == 0
    await town.let_leases_expire()
    async with town.sessions.begin() as session:
        assert await wake_idle_chats(session, older_than_s=0) == 1


@pytest.mark.parametrize("state", ["paused", "removed"])
async def test_a_bot_that_does_not_work_has_no_turns(town: Town, state: str) -> None:
    await town.receive(1)
    await town.execute("UPDATE bots SET state = :state", state=state)
    assert await town.ledger.claim_turn(town.chat()) is None


async def test_a_turn_of_a_stranger_finishes_nothing(town: Town) -> None:
    await town.receive(1)
    turn = await town.turn()
    assert not await town.ledger.finish_turn(TurnResult(replace(turn, chat=ChatKey(town.bot.id, 77))))
    assert await town.states() == [("PROCESSING", 1)]


async def _somebody_waits_for_a_lock(town: Town) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while await town.fetch(waiting) == [(0,)]:  # noqa: ASYNC110  PostgreSQL tells nobody
        await asyncio.sleep(0)


async def _take_jobs(town: Town) -> list[ChatKey]:
    taken = await _delete_jobs(town)
    return [ChatKey(town.bot.id, int(chat_id)) for (chat_id,) in taken]


async def _delete_jobs(town: Town) -> list[tuple[str]]:
    async with town.sessions.begin() as session:
        rows = await session.execute(
            text(
                "DELETE FROM pgqueuer WHERE entrypoint = 'messages'"
                " RETURNING convert_from(payload, 'UTF8')::jsonb -> 'with' ->> 'chat_id'"
            )
        )
        return [(row[0],) for row in rows]
