"""What is to be said is said one at a time per chat, within limits, and counted when it may be said twice."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.features.messaging.conftest import AGAIN_AT_ONCE, OPTIONS, RETRYABLE, TERMINAL, Town

from kunak.features.messaging.schemas import Delivery, DeliveryResult, Failure, Limits, NotYet
from kunak.features.messaging.service import wake_bot
from kunak.features.messaging.service.deliveries import claim_deliveries

BUSY = Failure(RETRYABLE, "busy", AGAIN_AT_ONCE)


async def claim(town: Town, chat_id: int = 1) -> Delivery:
    delivery = await town.ledger.claim_delivery(town.chat(chat_id))
    assert isinstance(delivery, Delivery)
    return delivery


async def claim_all(town: Town, chats: list[int], limits: Limits) -> list[Delivery | NotYet | None]:
    async with town.sessions.begin() as session:
        keys = [town.chat(chat_id) for chat_id in chats]
        return await claim_deliveries(session, keys, lease_for=OPTIONS.lease_for, limits=limits)


async def test_a_chat_is_sent_to_in_order_and_one_at_a_time(town: Town) -> None:
    await town.say("one", "two")
    first = await claim(town)
    assert first.params["text"] == "one"
    assert await town.ledger.claim_delivery(town.chat()) is None
    assert await town.ledger.finish_delivery(DeliveryResult(first, telegram_message_id=7))
    await town.execute("UPDATE chats SET next_send_at = NULL")
    assert (await claim(town)).params["text"] == "two"
    assert await town.fetch("SELECT telegram_message_id, delivered_at IS NULL FROM outbox ORDER BY id") == [
        (7, False),
        (None, True),
    ]


async def test_a_retry_comes_before_what_was_said_later(town: Town) -> None:
    await town.say("one", "two")
    await town.ledger.finish_delivery(DeliveryResult(await claim(town), failure=BUSY))
    await town.execute("UPDATE chats SET next_send_at = NULL")
    again = await claim(town)
    assert (again.params["text"], again.attempt, again.interrupted) == ("one", 2, False)


async def test_one_given_up_frees_its_chat(town: Town) -> None:
    await town.say("one", "two")
    await town.ledger.finish_delivery(DeliveryResult(await claim(town), failure=Failure(TERMINAL, "blocked")))
    await town.execute("UPDATE chats SET next_send_at = NULL")
    assert (await claim(town)).params["text"] == "two"
    assert await town.states("outbox") == [("TERMINAL", 1), ("SENDING", 1)]


async def test_a_send_nobody_told_the_end_of_is_counted(town: Town) -> None:
    await town.say("one")
    zombie = await claim(town)
    await town.let_leases_expire()
    await town.execute("UPDATE chats SET next_send_at = NULL")
    again = await claim(town)
    assert (again.message_id, again.interrupted) == (zombie.message_id, True)
    assert await town.fetch("SELECT interrupted FROM outbox") == [(1,)]
    assert not await town.ledger.finish_delivery(DeliveryResult(zombie, telegram_message_id=1))
    assert await town.ledger.finish_delivery(DeliveryResult(again, telegram_message_id=2))
    assert await town.fetch("SELECT telegram_message_id FROM outbox") == [(2,)]


async def test_a_lost_answer_is_counted(town: Town) -> None:
    await town.say("one")
    await town.ledger.finish_delivery(DeliveryResult(await claim(town), failure=BUSY, maybe_done=True))
    assert await town.fetch("SELECT interrupted, state FROM outbox") == [(1, "FAILED")]


async def test_a_bot_sends_thirty_a_second(town: Town) -> None:
    for chat_id in range(1, 100):
        await town.say("hello", chat_id=chat_id)
    claimed = await claim_all(town, list(range(1, 100)), Limits(per_bot=30.0))
    waits = [each.wait.total_seconds() for each in claimed if each is not None]
    assert len(waits) == 99
    steps = [round(later - sooner, 3) for sooner, later in zip(sorted(waits), sorted(waits)[1:], strict=False)]
    assert set(steps) == {round(1 / 30, 3)}
    # Short waits are slept through by the worker; those further away are woken later and keep their place.
    assert max(each.wait for each in claimed if isinstance(each, Delivery)) <= timedelta(seconds=0.5)
    assert await town.fetch("SELECT count(*) FROM chats WHERE slot_at IS NOT NULL") == [
        (sum(isinstance(each, NotYet) for each in claimed),)
    ]


@pytest.mark.parametrize("workers", [1, 4])
async def test_the_limit_of_a_bot_holds_across_transactions(town: Town, workers: int) -> None:
    chats = range(1, 61)
    for chat_id in chats:
        await town.say("hello", chat_id=chat_id)
    loop, sends = asyncio.get_running_loop(), []

    async def work(mine: Iterable[int]) -> None:
        for chat_id in mine:
            [claimed] = await claim_all(town, [chat_id], Limits(per_bot=30.0))
            assert claimed is not None
            sends.append(loop.time() + claimed.wait.total_seconds())

    began = loop.time()
    await asyncio.gather(*(work(chats[first::workers]) for first in range(workers)))
    assert max(sends) - began >= 59 / 30


async def test_when_telegram_asks_to_wait_the_whole_bot_waits(town: Town) -> None:
    await town.say("hello", chat_id=1)
    await town.say("hello", chat_id=2)
    asked = Failure(RETRYABLE, "Too Many Requests", timedelta(minutes=10))
    await town.ledger.finish_delivery(DeliveryResult(await claim(town, 1), failure=asked, slow_down=True))
    other = await town.ledger.claim_delivery(town.chat(2))
    assert isinstance(other, NotYet)
    assert other.wait > timedelta(minutes=9)


async def test_a_kept_place_is_not_reserved_twice(town: Town) -> None:
    for chat_id in range(1, 40):
        await town.say("hello", chat_id=chat_id)
    slowly = Limits(per_bot=0.1)  # the nearest place is ten seconds off: none is missed between two looks
    await claim_all(town, list(range(1, 40)), slowly)
    [(before,)] = await town.fetch("SELECT tat FROM bot_sending")
    await claim_all(town, list(range(1, 40)), slowly)
    assert await town.fetch("SELECT tat FROM bot_sending") == [(before,)]


async def test_places_missed_while_a_bot_was_paused_are_not_taken_all_at_once(town: Town) -> None:
    for chat_id in range(1, 40):
        await town.say("hello", chat_id=chat_id)
    await town.execute("UPDATE chats SET slot_at = now() - interval '1 hour'")
    async with town.sessions.begin() as session:
        await wake_bot(session, town.bot.id)
    claimed = await claim_all(town, list(range(1, 40)), Limits(per_bot=30.0))
    assert len({each.wait for each in claimed if each is not None}) == 39


async def test_a_chat_is_sent_to_once_a_minute_if_so_it_is_wished(town: Town) -> None:
    town.ledger = town.with_options(limits=Limits(per_chat=1 / 60))
    await town.say("one", "two")
    await town.ledger.finish_delivery(DeliveryResult(await claim(town)))
    put_off = await town.ledger.claim_delivery(town.chat())
    assert isinstance(put_off, NotYet)
    assert timedelta(seconds=30) < put_off.wait <= timedelta(seconds=60)


async def test_a_group_is_sent_to_twenty_times_a_minute(town: Town) -> None:
    await town.say(*("hello" for _ in range(21)), chat_id=-100)
    limits = replace(OPTIONS.limits, per_group=20)
    town.ledger = town.with_options(limits=limits)
    for _ in range(20):
        await town.ledger.finish_delivery(DeliveryResult(await claim(town, -100)))
        await town.execute("UPDATE chats SET next_send_at = NULL")
    put_off = await town.ledger.claim_delivery(town.chat(-100))
    assert isinstance(put_off, NotYet)
    assert timedelta(seconds=30) < put_off.wait <= timedelta(seconds=60)


def test_as_shipped_the_limits_are_telegrams() -> None:
    assert Limits() == Limits(per_bot=30, per_chat=1, per_group=20)


async def test_a_button_is_answered_though_messages_must_wait(town: Town) -> None:
    town.ledger = town.with_options(limits=Limits())
    await town.say("one")
    await town.ledger.finish_delivery(DeliveryResult(await claim(town)))
    await town.say("two")
    await town.execute("UPDATE outbox SET method = 'answerCallbackQuery' WHERE state = 'PENDING'")
    assert (await claim(town)).method == "answerCallbackQuery"


async def test_what_waits_for_a_group_moves_with_it(town: Town) -> None:
    await town.say("one", "two", chat_id=-5)
    moved = DeliveryResult(await claim(town, -5), failure=BUSY, move_to_chat_id=-100)
    await town.ledger.finish_delivery(moved)
    assert await town.ledger.claim_delivery(town.chat(-5)) is None
    delivery = await claim(town, -100)
    assert delivery.params == {"chat_id": -100, "text": "one"}
