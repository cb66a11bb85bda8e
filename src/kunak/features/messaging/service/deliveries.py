"""What is to be said is a row first; here it is taken out, within Telegram's limits, one at a time per chat."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository import outbox
from kunak.features.messaging.repository.outbox import FreeChat, OutboxHead
from kunak.features.messaging.schemas import (
    ChatKey,
    DeliverToChat,
    Delivery,
    DeliveryResult,
    Limits,
    NotYet,
    Say,
)
from kunak.features.messaging.service.limits import chat_wait, weighs
from kunak.foundation.jobs.job import Job, Later
from kunak.foundation.jobs.queue import enqueue

_SHORT_S = 0.5  # a wait shorter than this is slept through by the worker that holds the delivery
_LEAST_PAUSE_S = 0.01
_SLOT_KEEPS_S = (
    1.0  # a slot older than this is gone: a crowd of them, used at once, would break the limit they stand for
)


async def say(session: AsyncSession, chat: ChatKey, says: Sequence[Say]) -> None:
    """Put something into the outbox that answers no message of the inbox: an alert, a notification."""
    await outbox.add_says(session, [(chat, None, each) for each in says])
    await enqueue(session, [DeliverToChat(chat.bot_id, chat.chat_id)])


async def get_said(session: AsyncSession, inbox_id: int, telegram_message_id: int) -> Say | None:
    """What stood first in a message of ours that answers one of the inbox; None when the ledger has forgotten it."""
    return await outbox.get_said(session, inbox_id, telegram_message_id)


async def claim_deliveries(
    session: AsyncSession, chats: Sequence[ChatKey], *, lease_for: timedelta, limits: Limits
) -> list[Delivery | NotYet | None]:
    """Each chat's next delivery; NotYet (and a later wake-up) when a limit forbids it; None when there is none."""
    free = await outbox.lock_free_chats(session, sorted(set(chats)))
    heads = await outbox.list_heads(session, sorted(free))
    waits = {head.chat: chat_wait(head, free[head.chat], limits) for head in heads}
    ready = [head for head in heads if waits[head.chat] <= _LEAST_PAUSE_S]
    slots = await _take_slots(session, ready, free, limits)
    waits |= slots
    taken = [head for head in ready if slots.get(head.chat, 0.0) <= _SHORT_S]
    begun = {head.chat: _delivery(head, slots.get(head.chat, 0.0)) for head in taken}
    if begun:
        pauses = [1 / limits.per_chat if weighs(head) else 0.0 for head in taken]
        await outbox.begin_deliveries(session, list(begun.values()), pauses, lease_for, limits.per_group)
    await outbox.keep_slots(session, {chat: wait for chat, wait in slots.items() if chat not in begun})
    put_off = {chat: NotYet(timedelta(seconds=wait)) for chat, wait in waits.items() if chat not in begun}
    await enqueue(
        session, [Later(DeliverToChat(chat.bot_id, chat.chat_id), each.wait) for chat, each in put_off.items()]
    )
    return [begun.pop(chat, None) or put_off.pop(chat, None) for chat in chats]


async def _take_slots(
    session: AsyncSession, heads: Sequence[OutboxHead], free: dict[ChatKey, FreeChat], limits: Limits
) -> dict[ChatKey, float]:
    """Seconds from now until the bot of each chat may send, so that a bot keeps to its messages a second."""
    counted = [head for head in heads if weighs(head)]
    given = {head.chat: free[head.chat].slot_in for head in counted}
    slots = {
        chat: max(0.0, seconds) for chat, seconds in given.items() if seconds is not None and seconds > -_SLOT_KEEPS_S
    }
    waiting = [chat for chat in given if chat not in slots]
    if waiting:
        every = 1 / limits.per_bot
        first = await outbox.take_slots(session, Counter(chat.bot_id for chat in waiting), every)
        for chat in waiting:
            slots[chat] = first[chat.bot_id]
            first[chat.bot_id] += every
    return slots


def _delivery(head: OutboxHead, wait_s: float) -> Delivery:
    return Delivery(
        chat=head.chat,
        lease=uuid.uuid4(),
        message_id=head.message_id,
        method=head.method,
        params=head.params,
        attempt=head.attempt + 1,
        wait=timedelta(seconds=wait_s),
        interrupted=head.interrupted,
        instead=head.instead,
    )


def _asked_to_wait(results: Sequence[DeliveryResult]) -> dict[int, float]:
    """Seconds for which Telegram wants to hear nothing from a bot. A group's limit is its own affair."""
    asked: dict[int, float] = {}
    for result in results:
        chat, failure = result.delivery.chat, result.failure
        if result.slow_down and chat.chat_id > 0 and failure is not None and failure.retry_in is not None:
            asked[chat.bot_id] = max(asked.get(chat.bot_id, 0.0), failure.retry_in.total_seconds())
    return dict(sorted(asked.items()))


async def finish_deliveries(session: AsyncSession, results: Sequence[DeliveryResult], *, limits: Limits) -> list[bool]:
    """Write results and the wake-ups that follow; False where the lease was lost meanwhile: another worker sends it."""
    held = await outbox.lock_held_chats(session, [result.delivery for result in results])
    kept = [result for result in results if result.delivery.lease in held]
    if not kept:
        return [False] * len(results)
    await outbox.end_deliveries(session, kept)
    await outbox.hold_bots(session, _asked_to_wait(kept))
    jobs: list[Job | Later] = []
    for result in kept:
        if result.move_to_chat_id is not None:
            await outbox.move_chat(session, result.delivery.chat, result.move_to_chat_id)
            jobs.append(DeliverToChat(result.delivery.chat.bot_id, result.move_to_chat_id))
    for head in await outbox.list_heads(session, [result.delivery.chat for result in kept]):
        pause = max(head.retry_in, 1 / limits.per_chat if weighs(head) else 0.0)
        jobs.append(Later(DeliverToChat(head.chat.bot_id, head.chat.chat_id), timedelta(seconds=pause)))
    await enqueue(session, jobs)
    return [result.delivery.lease in held for result in results]
