"""One turn per chat at a time, in order of `update_id`, across any number of workers.

A turn is a lease on the chat's row. Taking and ending turns both lock that row first and look for messages after, each
in a statement of its own: whoever comes second sees what the first one committed, so no wake-up is lost between them.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository import inbox, outbox
from kunak.features.messaging.schemas import (
    AnswerChat,
    ChatKey,
    DeliverToChat,
    NotYet,
    Turn,
    TurnResult,
)
from kunak.foundation.jobs.job import Job, Later
from kunak.foundation.jobs.queue import enqueue


async def claim_turns(
    session: AsyncSession, chats: Sequence[ChatKey], *, lease_for: timedelta, grace_s: float
) -> list[Turn | NotYet | None]:
    """Each chat's next turn; NotYet (and a later wake-up) when that must wait; None when there is nothing to do."""
    free = await inbox.lock_free_chats(session, sorted(set(chats)))
    heads = {head.chat: head for head in await inbox.list_heads(session, sorted(free), grace_s)}
    claimed: list[Turn | NotYet | None] = []
    for chat in chats:
        head = heads.pop(chat, None)
        if head is None:
            claimed.append(None)
        elif head.wait > 0:
            claimed.append(NotYet(timedelta(seconds=head.wait)))
        else:
            claimed.append(_turn(head))
    turns = [each for each in claimed if isinstance(each, Turn)]
    if turns:
        await inbox.begin_turns(session, turns, lease_for)
    await enqueue(
        session,
        [
            Later(AnswerChat(chat.bot_id, chat.chat_id), each.wait)
            for chat, each in zip(chats, claimed, strict=True)
            if isinstance(each, NotYet)
        ],
    )
    return claimed


def _turn(head: inbox.Head) -> Turn:
    return Turn(
        chat=head.chat,
        lease=uuid.uuid4(),
        message_id=head.message_id,
        update_id=head.update_id,
        kind=head.kind,
        payload=head.payload,
        attempt=head.attempt + 1,
        received_at=head.received_at,
        interrupted=head.interrupted,
        stop_asked=head.stop_asked,
    )


async def finish_turns(session: AsyncSession, results: Sequence[TurnResult]) -> list[bool]:
    """Write results, what is to be said, what else belongs to it, and the wake-ups that follow.

    False where the lease was lost meanwhile: nothing of that result is kept, another worker has the turn.
    """
    held = await inbox.lock_held_chats(session, [result.turn for result in results])
    kept = [result for result in results if result.turn.lease in held]
    if kept:
        await inbox.end_turns(session, kept)
        await outbox.add_says(
            session, [(result.turn.chat, result.turn.message_id, each) for result in kept for each in result.says]
        )
        for result in kept:
            if result.keep is not None:
                await result.keep(session)
        await enqueue(session, await _wake_ups(session, kept))
    return [result.turn.lease in held for result in results]


async def _wake_ups(session: AsyncSession, results: Sequence[TurnResult]) -> list[Job | Later]:
    jobs: list[Job | Later] = [
        DeliverToChat(result.turn.chat.bot_id, result.turn.chat.chat_id) for result in results if result.says
    ]
    heads = await inbox.list_heads(session, [result.turn.chat for result in results], grace_s=0)
    jobs += [Later(AnswerChat(head.chat.bot_id, head.chat.chat_id), timedelta(seconds=head.wait)) for head in heads]
    return jobs
