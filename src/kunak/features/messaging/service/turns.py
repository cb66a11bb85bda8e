"""One turn per chat at a time, in order of `update_id`, across any number of workers.

A turn is a lease on the chat's row. Taking and ending turns both lock that row first and look for messages after, each
in a statement of its own: whoever comes second sees what the first one committed, so no wake-up is lost between them.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository import inbox, outbox
from kunak.features.messaging.schemas import (
    AnswerChat,
    ChatKey,
    DeliverToChat,
    NotYet,
    Turn,
    TurnPart,
    TurnResult,
)
from kunak.features.messaging.service.join import MOST_PARTS, Joined, join, late_parts
from kunak.features.messaging.service.previews import with_previews
from kunak.foundation.jobs.job import Job, Later
from kunak.foundation.jobs.queue import enqueue


async def claim_turns(
    session: AsyncSession, chats: Sequence[ChatKey], *, lease_for: timedelta, grace_s: float, burst_s: float
) -> list[Turn | NotYet | None]:
    """Each chat's next turn; NotYet (and a later wake-up) when that must wait; None when there is nothing to do."""
    free = await inbox.lock_free_chats(session, sorted(set(chats)))
    heads = {head.chat: head for head in await inbox.list_heads(session, sorted(free), grace_s)}
    joined = await _join_all(session, list(heads.values()), burst_s)
    claimed: list[Turn | NotYet | None] = []
    for chat in chats:
        head = heads.pop(chat, None)
        if head is None:
            claimed.append(None)
        elif (wait := max(head.wait, joined[chat].pause_s)) > 0:
            claimed.append(NotYet(timedelta(seconds=wait)))
        else:
            claimed.append(_turn(head, joined[chat]))
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


async def _join_all(session: AsyncSession, heads: Sequence[inbox.Head], burst_s: float) -> dict[ChatKey, Joined]:
    followed = [head for head in heads if head.is_followed and burst_s > 0]
    behind: dict[ChatKey, list[inbox.Follower]] = defaultdict(list)
    for follower in await inbox.list_followers(session, followed, most=2 * MOST_PARTS) if followed else ():
        behind[follower.chat].append(follower)
    return {head.chat: join(head, behind[head.chat], burst_s) for head in heads}


def _turn(head: inbox.Head, joined: Joined) -> Turn:
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
        more=_parts(joined.parts),
        stop_asked=head.stop_asked,
    )


def _parts(followers: Sequence[inbox.Follower]) -> tuple[TurnPart, ...]:
    return tuple(TurnPart(each.message_id, each.update_id, each.payload) for each in followers)


async def extend_turn(session: AsyncSession, turn: Turn, *, lease_for: timedelta, burst_s: float) -> Turn | None:
    """The turn with what belongs to it and came while it was being answered; None when nothing did."""
    if not await inbox.lock_held_chats(session, [turn]):
        return None
    return (await _grow(session, [turn], lease_for, burst_s)).get(turn.lease)


async def _grow(
    session: AsyncSession, turns: Sequence[Turn], lease_for: timedelta, burst_s: float
) -> dict[uuid.UUID, Turn]:
    """Those turns to which more belongs by now, with it, by their lease. Their chats are locked."""
    besides = [message_id for turn in turns for message_id in turn.message_ids]
    behind: dict[ChatKey, list[inbox.Follower]] = defaultdict(list)
    for each in await inbox.list_followers(session, turns, besides=besides, most=2 * MOST_PARTS) if turns else ():
        behind[each.chat].append(each)
    grown = {}
    for turn in [turn for turn in turns if turn.chat in behind]:
        age_s = await inbox.age_of(session, turn.message_ids[-1])
        if late := late_parts(turn, age_s, behind[turn.chat], burst_s):
            await inbox.add_to_turn(session, turn, [each.message_id for each in late], lease_for)
            grown[turn.lease] = replace(turn, more=(*turn.more, *_parts(late)))
    return grown


async def finish_turns(
    session: AsyncSession, results: Sequence[TurnResult], *, lease_for: timedelta, burst_s: float
) -> list[bool | Turn]:
    """Write results, what is to be said, what else belongs to it, and the wake-ups that follow.

    False where the lease was lost meanwhile: nothing of that result is kept, another worker has the turn. A turn where
    more has come that belongs to it: nothing is kept either, and the whole of it is to be answered.
    """
    held = await inbox.lock_held_chats(session, [result.turn for result in results])
    growing = [result.turn for result in results if result.may_grow and result.turn.lease in held]
    grown = await _grow(session, growing, lease_for, burst_s)
    for result in results:
        if result.turn.lease in grown and result.owed is not None:
            await result.owed(session)
    kept = [result for result in results if result.turn.lease in held and result.turn.lease not in grown]
    if kept:
        await inbox.end_turns(session, kept)
        kept = await with_previews(session, kept)
        await outbox.add_says(
            session, [(result.turn.chat, result.turn.message_id, each) for result in kept for each in result.says]
        )
        for result in kept:
            if result.keep is not None:
                await result.keep(session)
        await enqueue(session, await _wake_ups(session, kept))
    return [grown.get(result.turn.lease, result.turn.lease in held) for result in results]


async def _wake_ups(session: AsyncSession, results: Sequence[TurnResult]) -> list[Job | Later]:
    jobs: list[Job | Later] = [
        DeliverToChat(result.turn.chat.bot_id, result.turn.chat.chat_id) for result in results if result.says
    ]
    heads = await inbox.list_heads(session, [result.turn.chat for result in results], grace_s=0)
    jobs += [Later(AnswerChat(head.chat.bot_id, head.chat.chat_id), timedelta(seconds=head.wait)) for head in heads]
    return jobs
