"""What came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Text, bindparam, text
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository.json_text import to_jsonb
from kunak.features.messaging.schemas import ChatKey, Fleeting, InboxState, NewUpdate, Turn, TurnResult

_BOTS, _CHATS = bindparam("bots", type_=ARRAY(BigInteger)), bindparam("chats", type_=ARRAY(BigInteger))

# A predecessor that is not here yet leaves a mark: until the grace is over, somebody may still bring it.
_ADD_ONCE = text("""
    WITH given AS (
        SELECT * FROM unnest(:bots, :updates, :chats, :kinds, :states, :payloads, :ordered)
            AS t(bot_id, update_id, chat_id, kind, state, payload, ordered)
    ), added AS (
        INSERT INTO inbox (bot_id, update_id, chat_id, kind, state, payload, after_gap)
        SELECT bot_id, update_id, chat_id, kind, state, payload::jsonb,
               NOT ordered AND NOT EXISTS (
                   SELECT FROM inbox p WHERE p.bot_id = given.bot_id AND p.update_id = given.update_id - 1)
               AND NOT EXISTS (
                   SELECT FROM given p WHERE p.bot_id = given.bot_id AND p.update_id = given.update_id - 1)
          FROM given ORDER BY bot_id, update_id
        ON CONFLICT (bot_id, update_id) DO NOTHING
        RETURNING bot_id, chat_id, update_id
    ), known AS (
        INSERT INTO chats (bot_id, chat_id)
        SELECT DISTINCT bot_id, chat_id FROM added ORDER BY bot_id, chat_id
        ON CONFLICT DO NOTHING
    )
    SELECT bot_id, chat_id, update_id FROM added
""").bindparams(
    _BOTS, _CHATS,
    bindparam("updates", type_=ARRAY(BigInteger)), bindparam("kinds", type_=ARRAY(Text)),
    bindparam("states", type_=ARRAY(Text)), bindparam("payloads", type_=ARRAY(Text)),
    bindparam("ordered", type_=ARRAY(Boolean)),
)  # fmt: skip

# Telegram never gives a number twice for two updates. Another Bot API server may, when it starts anew: what it said
# before and is done with makes room, under a number that no server gives.
_MAKE_ROOM = text("""
    UPDATE inbox SET update_id = -inbox.id
      FROM unnest(:bots, :updates, :payloads) AS given(bot_id, update_id, payload)
     WHERE inbox.bot_id = given.bot_id AND inbox.update_id = given.update_id
       AND inbox.state IN ('COMPLETED', 'TERMINAL') AND inbox.payload <> given.payload::jsonb
    RETURNING given.bot_id, given.update_id
""").bindparams(
    _BOTS, bindparam("updates", type_=ARRAY(BigInteger)), bindparam("payloads", type_=ARRAY(Text))
)  # fmt: skip

# Lists, not a join with unnest(): after waiting for a lock PostgreSQL checks such a join anew, and loses the row.
_LOCK_FREE = text("""
    SELECT chats.bot_id, chats.chat_id
      FROM chats
      JOIN bots ON bots.id = chats.bot_id AND bots.state = 'active'
     WHERE chats.bot_id = ANY(:bots) AND chats.chat_id = ANY(:chats)
       AND (chats.turn_until IS NULL OR chats.turn_until < clock_timestamp())
     ORDER BY chats.bot_id, chats.chat_id FOR UPDATE OF chats
""").bindparams(_BOTS, _CHATS)

_LOCK_HELD = text("""
    SELECT chats.turn_lease
      FROM chats
     WHERE chats.bot_id = ANY(:bots) AND chats.chat_id = ANY(:chats) AND chats.turn_lease = ANY(:leases)
     ORDER BY chats.bot_id, chats.chat_id FOR UPDATE OF chats
""").bindparams(_BOTS, _CHATS, bindparam("leases", type_=ARRAY(PG_UUID(as_uuid=True))))

# The first waiting message of each chat. `is_followed`: others wait behind it. `wait` is above zero when it may not be
# taken yet: its pause is not over, or an earlier update of this bot is missing that may still be on its way.
_LIST_HEADS = text("""
    SELECT head.*, greatest(
               extract(epoch FROM head.retry_at - clock_timestamp()),
               (SELECT :grace - extract(epoch FROM clock_timestamp() - max(late.received_at))
                  FROM inbox late
                 WHERE late.bot_id = head.bot_id AND late.after_gap
                   AND late.received_at > clock_timestamp() - make_interval(secs => :grace)
                   AND late.update_id <= head.update_id
                   AND NOT EXISTS (SELECT FROM inbox earlier
                        WHERE earlier.bot_id = late.bot_id AND earlier.update_id = late.update_id - 1)),
               0)::float AS wait,
           extract(epoch FROM clock_timestamp() - head.received_at)::float AS age_s,
           EXISTS (SELECT FROM inbox behind
                WHERE behind.bot_id = head.bot_id AND behind.chat_id = head.chat_id
                  AND behind.update_id > head.update_id
                  AND behind.state IN ('RECEIVED', 'PROCESSING', 'FAILED')) AS is_followed
      FROM unnest(:bots, :chats) AS wanted(bot_id, chat_id)
     CROSS JOIN LATERAL (
           SELECT id, bot_id, chat_id, update_id, kind, payload, attempt, received_at, retry_at, stop_asked,
                  state = 'PROCESSING' AS interrupted
             FROM inbox
            WHERE inbox.bot_id = wanted.bot_id AND inbox.chat_id = wanted.chat_id
              AND inbox.state IN ('RECEIVED', 'PROCESSING', 'FAILED')
            ORDER BY inbox.update_id LIMIT 1) head
""").bindparams(_BOTS, _CHATS)

_LIST_FOLLOWERS = text("""
    SELECT behind.*
      FROM unnest(:bots, :chats, :updates) AS head(bot_id, chat_id, update_id)
     CROSS JOIN LATERAL (
           SELECT id, bot_id, chat_id, update_id, kind, payload,
                  extract(epoch FROM clock_timestamp() - received_at)::float AS age_s
             FROM inbox
            WHERE inbox.bot_id = head.bot_id AND inbox.chat_id = head.chat_id AND inbox.update_id > head.update_id
              AND inbox.state IN ('RECEIVED', 'PROCESSING', 'FAILED') AND inbox.id <> ALL(:besides)
            ORDER BY inbox.update_id LIMIT :most) behind
""").bindparams(
    _BOTS, _CHATS,
    bindparam("updates", type_=ARRAY(BigInteger)), bindparam("besides", type_=ARRAY(BigInteger)),
)  # fmt: skip

_BEGIN_TURNS = text("""
    WITH taken AS (
        SELECT * FROM unnest(:ids, :bots, :chats, :leases, :joined) AS t(id, bot_id, chat_id, lease, joined_to)
    ), leased AS (
        UPDATE chats SET turn_lease = taken.lease, turn_until = clock_timestamp() + :lease_for
          FROM taken WHERE chats.bot_id = taken.bot_id AND chats.chat_id = taken.chat_id
    ), begun AS (
        UPDATE inbox SET state = 'PROCESSING', attempt = attempt + 1, retry_at = NULL, joined_to = taken.joined_to
          FROM taken WHERE inbox.id = taken.id RETURNING inbox.id, inbox.attempt
    )
    INSERT INTO message_transitions (box, message_id, state, attempt)
    SELECT 'inbox', id, 'PROCESSING', attempt FROM begun
""").bindparams(
    _BOTS, _CHATS,
    bindparam("ids", type_=ARRAY(BigInteger)), bindparam("leases", type_=ARRAY(PG_UUID(as_uuid=True))),
    bindparam("joined", type_=ARRAY(BigInteger)),
)  # fmt: skip

_END_TURNS = text("""
    WITH ended AS (
        SELECT *, clock_timestamp() + make_interval(secs => pause) AS retry_at
          FROM jsonb_to_recordset(CAST(:ended AS jsonb)) AS t(
            id bigint, bot_id bigint, chat_id bigint, state text, error_class text, error_text text, pause float)
    ), released AS (
        UPDATE chats SET turn_lease = NULL, turn_until = NULL
          FROM ended WHERE chats.bot_id = ended.bot_id AND chats.chat_id = ended.chat_id
    ), changed AS (
        UPDATE inbox SET state = ended.state, error_class = ended.error_class, error_text = ended.error_text,
               retry_at = ended.retry_at
          FROM ended WHERE inbox.id = ended.id
        RETURNING inbox.id, inbox.state, inbox.attempt, inbox.error_class, inbox.error_text
    )
    INSERT INTO message_transitions (box, message_id, state, attempt, error_class, error_text)
    SELECT 'inbox', id, state, attempt, error_class, error_text FROM changed
""")

_GET_FLEETING = text("""
    SELECT kind, payload, extract(epoch FROM clock_timestamp() - received_at)::float AS age_s,
           NOT EXISTS (SELECT FROM inbox later
                WHERE later.bot_id = inbox.bot_id AND later.update_id > inbox.update_id
                  AND later.chat_id = inbox.chat_id AND later.kind = inbox.kind) AS is_newest
      FROM inbox
     WHERE bot_id = :bot AND update_id = :update
""")

_AGE = text("SELECT extract(epoch FROM clock_timestamp() - received_at)::float FROM inbox WHERE id = :id")

_KEEP = text("""
    UPDATE chats SET turn_until = clock_timestamp() + :lease_for
     WHERE bot_id = :bot AND chat_id = :chat AND turn_lease = :lease
""").bindparams(bindparam("lease", type_=PG_UUID(as_uuid=True)))


@dataclass(frozen=True)
class Head:
    """The first waiting message of a chat, and the seconds until it may be taken.

    `interrupted`: somebody took it, and never told how it ended. Of a chat that is held, that somebody is still at it.
    """

    chat: ChatKey
    message_id: int
    update_id: int
    kind: str
    payload: dict[str, Any]
    attempt: int
    received_at: datetime
    interrupted: bool
    wait: float
    stop_asked: bool
    age_s: float
    is_followed: bool


@dataclass(frozen=True)
class Follower:
    """A message that waits behind the first one of its chat."""

    chat: ChatKey
    message_id: int
    update_id: int
    kind: str
    payload: dict[str, Any]
    age_s: float


def _keys(chats: Sequence[ChatKey]) -> dict[str, list[int]]:
    return {"bots": [chat.bot_id for chat in chats], "chats": [chat.chat_id for chat in chats]}


async def add_updates_once(session: AsyncSession, updates: Sequence[NewUpdate]) -> set[tuple[int, int]]:
    """Write down updates we do not have yet; (bot, update) of those that were new."""
    rows = await session.execute(
        _ADD_ONCE,
        _keys([ChatKey(each.bot_id, each.chat_id) for each in updates])
        | {
            "updates": [each.update_id for each in updates],
            "kinds": [each.kind for each in updates],
            "states": [InboxState.RECEIVED if each.takes_a_turn else InboxState.COMPLETED for each in updates],
            "payloads": [to_jsonb(each.payload) for each in updates],
            "ordered": [each.ordered for each in updates],
        },
    )
    return {(row.bot_id, row.update_id) for row in rows}


async def make_room(session: AsyncSession, updates: Sequence[NewUpdate]) -> set[tuple[int, int]]:
    """(bot, update) of those whose number was used before for something else, and is free now."""
    rows = await session.execute(
        _MAKE_ROOM,
        {
            "bots": [each.bot_id for each in updates],
            "updates": [each.update_id for each in updates],
            "payloads": [to_jsonb(each.payload) for each in updates],
        },
    )
    return {(row.bot_id, row.update_id) for row in rows}


async def lock_free_chats(session: AsyncSession, chats: Sequence[ChatKey]) -> set[ChatKey]:
    """Those of `chats` whose turn nobody holds, locked; chats of paused bots are left out."""
    rows = await session.execute(_LOCK_FREE, _keys(chats))
    return {ChatKey(row.bot_id, row.chat_id) for row in rows}.intersection(chats)


async def lock_held_chats(session: AsyncSession, turns: Sequence[Turn]) -> set[UUID]:
    """The leases of those turns that are still held; their chats are locked."""
    parameters = _keys([turn.chat for turn in turns]) | {"leases": [turn.lease for turn in turns]}
    return set(await session.scalars(_LOCK_HELD, parameters))


async def list_heads(session: AsyncSession, chats: Sequence[ChatKey], grace_s: float) -> list[Head]:
    rows = await session.execute(_LIST_HEADS, _keys(chats) | {"grace": grace_s})
    return [
        Head(
            ChatKey(row.bot_id, row.chat_id), row.id, row.update_id, row.kind, row.payload, row.attempt,
            row.received_at, row.interrupted, row.wait, row.stop_asked, row.age_s, row.is_followed,
        )
        for row in rows
    ]  # fmt: skip


async def list_followers(
    session: AsyncSession, heads: Sequence[Head | Turn], *, besides: Sequence[int] = (), most: int
) -> list[Follower]:
    """What waits behind messages, in order, up to `most` in each chat; without the messages `besides`."""
    parameters = _keys([head.chat for head in heads])
    given = {"updates": [head.update_id for head in heads], "besides": list(besides), "most": most}
    rows = await session.execute(_LIST_FOLLOWERS, parameters | given)
    return [
        Follower(ChatKey(row.bot_id, row.chat_id), row.id, row.update_id, row.kind, row.payload, row.age_s)
        for row in rows
    ]


async def age_of(session: AsyncSession, message_id: int) -> float:
    """Seconds since it was received."""
    return float((await session.execute(_AGE, {"id": message_id})).scalar_one())


async def begin_turns(session: AsyncSession, turns: Sequence[Turn], lease_for: timedelta) -> None:
    await _begin(session, [(turn, message_id) for turn in turns for message_id in turn.message_ids], lease_for)


async def add_to_turn(session: AsyncSession, turn: Turn, late: Sequence[int], lease_for: timedelta) -> None:
    """These messages are worked at as well; the turn is held for longer."""
    await _begin(session, [(turn, message_id) for message_id in late], lease_for)


async def _begin(session: AsyncSession, taken: Sequence[tuple[Turn, int]], lease_for: timedelta) -> None:
    await session.execute(
        _BEGIN_TURNS,
        _keys([turn.chat for turn, _ in taken])
        | {
            "ids": [message_id for _, message_id in taken],
            "leases": [turn.lease for turn, _ in taken],
            "joined": [None if message_id == turn.message_id else turn.message_id for turn, message_id in taken],
            "lease_for": lease_for,
        },
    )


async def end_turns(session: AsyncSession, results: Sequence[TurnResult]) -> None:
    """Write how turns ended, and let their chats go."""
    ended = [
        {
            "id": message_id,
            "bot_id": result.turn.chat.bot_id,
            "chat_id": result.turn.chat.chat_id,
            "state": result.state,
            "error_class": result.failure and result.failure.error_class,
            "error_text": result.failure.text if result.failure else result.why or None,
            "pause": result.failure and result.failure.pause_s,
        }
        for result in results
        for message_id in result.turn.message_ids
    ]
    await session.execute(_END_TURNS, {"ended": to_jsonb(ended)})


async def keep_turn(session: AsyncSession, turn: Turn, lease_for: timedelta) -> bool:
    """Hold on to a turn for longer; False when it is no longer ours."""
    parameters = {"bot": turn.chat.bot_id, "chat": turn.chat.chat_id, "lease": turn.lease, "lease_for": lease_for}
    kept = await session.execute(_KEEP, parameters)
    return bool(getattr(kept, "rowcount", 0))


async def get_fleeting(session: AsyncSession, bot_id: int, update_id: int) -> Fleeting | None:
    row = (await session.execute(_GET_FLEETING, {"bot": bot_id, "update": update_id})).one_or_none()
    return None if row is None else Fleeting(row.kind, row.payload, row.age_s, row.is_newest)
