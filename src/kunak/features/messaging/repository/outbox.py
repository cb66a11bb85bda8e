"""What is to be said, and what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Float, bindparam, text
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository.json_text import to_jsonb
from kunak.features.messaging.schemas import ChatKey, Delivery, DeliveryResult, Say

_BOTS, _CHATS = bindparam("bots", type_=ARRAY(BigInteger)), bindparam("chats", type_=ARRAY(BigInteger))
_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_LEASES = bindparam("leases", type_=ARRAY(PG_UUID(as_uuid=True)))

_ADD = text("""
    WITH said AS (
        INSERT INTO outbox (bot_id, chat_id, inbox_id, method, params, instead)
        SELECT bot_id, chat_id, inbox_id, method, params, instead
          FROM jsonb_to_recordset(CAST(:says AS jsonb)) AS t(
            bot_id bigint, chat_id bigint, inbox_id bigint, method text, params jsonb, instead jsonb)
        RETURNING bot_id, chat_id
    )
    INSERT INTO chats (bot_id, chat_id) SELECT DISTINCT bot_id, chat_id FROM said ORDER BY bot_id, chat_id
    ON CONFLICT DO NOTHING
""")

# Lists, not a join with unnest(): after waiting for a lock PostgreSQL checks such a join anew, and loses the row.
_LOCK_FREE = text("""
    SELECT chats.bot_id, chats.chat_id,
           coalesce(extract(epoch FROM chats.next_send_at - clock_timestamp()), 0)::float AS next_send_in,
           extract(epoch FROM chats.slot_at - clock_timestamp())::float AS slot_in,
           ARRAY(SELECT extract(epoch FROM clock_timestamp() - sent)::float FROM unnest(chats.recent_sends) AS sent)
               AS recent_ages
      FROM chats
      JOIN bots ON bots.id = chats.bot_id AND bots.state = 'active'
     WHERE chats.bot_id = ANY(:bots) AND chats.chat_id = ANY(:chats)
       AND (chats.send_until IS NULL OR chats.send_until < clock_timestamp())
     ORDER BY chats.bot_id, chats.chat_id FOR UPDATE OF chats
""").bindparams(_BOTS, _CHATS)

_LOCK_HELD = text("""
    SELECT chats.send_lease
      FROM chats
     WHERE chats.bot_id = ANY(:bots) AND chats.chat_id = ANY(:chats) AND chats.send_lease = ANY(:leases)
     ORDER BY chats.bot_id, chats.chat_id FOR UPDATE OF chats
""").bindparams(_BOTS, _CHATS, _LEASES)

_LIST_HEADS = text("""
    SELECT head.*, coalesce(extract(epoch FROM head.retry_at - clock_timestamp()), 0)::float AS retry_in
      FROM unnest(:bots, :chats) AS wanted(bot_id, chat_id)
     CROSS JOIN LATERAL (
           SELECT id, bot_id, chat_id, method, params, instead, attempt, retry_at, state = 'SENDING' AS interrupted
             FROM outbox
            WHERE outbox.bot_id = wanted.bot_id AND outbox.chat_id = wanted.chat_id
              AND outbox.state IN ('PENDING', 'SENDING', 'FAILED')
            ORDER BY outbox.id LIMIT 1) head
""").bindparams(_BOTS, _CHATS)

# Made and locked first, in order; only then is the clock read: whoever waited for the lock must not have its wait taken
# off the time it reserves.
_LOCK_BOTS = text("""
    INSERT INTO bot_sending AS sending (bot_id, tat)
    SELECT bot_id, '-infinity' FROM unnest(:bots) AS wanted(bot_id) ORDER BY bot_id
    ON CONFLICT (bot_id) DO UPDATE SET tat = sending.tat
""").bindparams(_BOTS)
_TAKE_SLOTS = text("""
    UPDATE bot_sending SET tat = greatest(tat, clock_timestamp()) + make_interval(secs => wanted.seconds)
      FROM unnest(:bots, :seconds) AS wanted(bot_id, seconds)
     WHERE bot_sending.bot_id = wanted.bot_id
    RETURNING bot_sending.bot_id, extract(epoch FROM tat - clock_timestamp())::float AS until
""").bindparams(_BOTS, bindparam("seconds", type_=ARRAY(Float)))

_HOLD_BOTS = text("""
    UPDATE bot_sending SET tat = greatest(tat, clock_timestamp() + make_interval(secs => held.seconds))
      FROM unnest(:bots, :seconds) AS held(bot_id, seconds)
     WHERE bot_sending.bot_id = held.bot_id
""").bindparams(_BOTS, bindparam("seconds", type_=ARRAY(Float)))

_KEEP_SLOTS = text("""
    UPDATE chats SET slot_at = clock_timestamp() + make_interval(secs => kept.seconds)
      FROM unnest(:bots, :chats, :seconds) AS kept(bot_id, chat_id, seconds)
     WHERE chats.bot_id = kept.bot_id AND chats.chat_id = kept.chat_id
""").bindparams(_BOTS, _CHATS, bindparam("seconds", type_=ARRAY(Float)))

_FORGET_SLOTS = text("""
    UPDATE chats SET slot_at = NULL
      FROM (SELECT bot_id, chat_id FROM chats WHERE bot_id = :bot AND slot_at < clock_timestamp()
               FOR UPDATE SKIP LOCKED) missed
     WHERE chats.bot_id = missed.bot_id AND chats.chat_id = missed.chat_id
""")

_BEGIN = text("""
    WITH taken AS (
        SELECT *, clock_timestamp() + make_interval(secs => wait) AS at
          FROM unnest(:ids, :bots, :chats, :leases, :waits, :pauses) AS t(id, bot_id, chat_id, lease, wait, pause)
    ), leased AS (
        UPDATE chats SET send_lease = taken.lease, send_until = taken.at + :lease_for, slot_at = NULL,
               next_send_at = CASE WHEN taken.pause > 0 THEN taken.at + make_interval(secs => taken.pause)
                                   ELSE chats.next_send_at END,
               recent_sends = CASE WHEN taken.pause > 0 AND chats.chat_id < 0
                                   THEN (chats.recent_sends || taken.at)[greatest(
                                        1, cardinality(chats.recent_sends) + 2 - :remembered):]
                                   ELSE chats.recent_sends END
          FROM taken WHERE chats.bot_id = taken.bot_id AND chats.chat_id = taken.chat_id
    ), begun AS (
        UPDATE outbox SET state = 'SENDING', attempt = attempt + 1, retry_at = NULL,
               interrupted = interrupted + (state = 'SENDING')::int
          FROM taken WHERE outbox.id = taken.id RETURNING outbox.id, outbox.attempt
    )
    INSERT INTO message_transitions (box, message_id, state, attempt)
    SELECT 'outbox', id, 'SENDING', attempt FROM begun
""").bindparams(
    _IDS, _BOTS, _CHATS, _LEASES,
    bindparam("waits", type_=ARRAY(Float)), bindparam("pauses", type_=ARRAY(Float)),
)  # fmt: skip

_END = text("""
    WITH ended AS (
        SELECT *, clock_timestamp() + make_interval(secs => pause) AS retry_at
          FROM jsonb_to_recordset(CAST(:ended AS jsonb)) AS t(
            id bigint, bot_id bigint, chat_id bigint, state text, error_class text, error_text text, pause float,
            maybe_done int, telegram_message_id bigint, instead jsonb)
    ), released AS (
        UPDATE chats SET send_lease = NULL, send_until = NULL
          FROM ended WHERE chats.bot_id = ended.bot_id AND chats.chat_id = ended.chat_id
    ), changed AS (
        UPDATE outbox SET state = ended.state, error_class = ended.error_class, error_text = ended.error_text,
               retry_at = ended.retry_at, interrupted = outbox.interrupted + ended.maybe_done,
               telegram_message_id = ended.telegram_message_id,
               method = coalesce(ended.instead ->> 'method', outbox.method),
               params = coalesce(ended.instead -> 'params', outbox.params),
               instead = CASE WHEN ended.instead IS NULL THEN outbox.instead
                              ELSE nullif(ended.instead -> 'instead', 'null') END,
               delivered_at = CASE WHEN ended.state = 'DELIVERED' THEN clock_timestamp() END
          FROM ended WHERE outbox.id = ended.id
        RETURNING outbox.id, outbox.state, outbox.attempt, outbox.error_class, outbox.error_text
    )
    INSERT INTO message_transitions (box, message_id, state, attempt, error_class, error_text)
    SELECT 'outbox', id, state, attempt, error_class, error_text FROM changed
""")

_GET_SAID = text("""
    SELECT method, params FROM outbox
     WHERE inbox_id = :inbox_id AND telegram_message_id = :telegram_message_id AND state = 'DELIVERED'
     ORDER BY id LIMIT 1
""")

_MOVE = text("""
    WITH moved AS (
        UPDATE outbox SET chat_id = :new, params = jsonb_set(params, '{chat_id}', to_jsonb(CAST(:new AS bigint))),
               instead = jsonb_set(jsonb_set(instead, '{params,chat_id}', to_jsonb(CAST(:new AS bigint))),
                                   '{instead,params,chat_id}', to_jsonb(CAST(:new AS bigint))),
               state = 'PENDING', retry_at = NULL
         WHERE bot_id = :bot AND chat_id = :old AND state IN ('PENDING', 'SENDING', 'FAILED')
    )
    INSERT INTO chats (bot_id, chat_id) VALUES (:bot, :new) ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True)
class FreeChat:
    """A chat that nobody sends into.

    Seconds until its next send, until the slot it has been given (None: none), and how long ago its latest sends were
    (groups only, oldest first).
    """

    next_send_in: float
    slot_in: float | None
    recent_ages: list[float]


@dataclass(frozen=True)
class OutboxHead:
    """The first waiting outbox message of a chat. `interrupted`: a send was begun, and nobody told how it ended."""

    chat: ChatKey
    message_id: int
    method: str
    params: dict[str, Any]
    attempt: int
    interrupted: bool
    retry_in: float
    instead: Say | None


def _keys(chats: Sequence[ChatKey]) -> dict[str, list[int]]:
    return {"bots": [chat.bot_id for chat in chats], "chats": [chat.chat_id for chat in chats]}


async def add_says(session: AsyncSession, says: Sequence[tuple[ChatKey, int | None, Say]]) -> None:
    """Write down what is to be said: (chat, the inbox message it answers, the call)."""
    rows = [
        {
            "bot_id": chat.bot_id,
            "chat_id": chat.chat_id,
            "inbox_id": inbox_id,
            "method": say.method,
            "params": say.params,
            "instead": _written(say.instead),
        }
        for chat, inbox_id, say in says
    ]
    if rows:
        await session.execute(_ADD, {"says": to_jsonb(rows)})


async def lock_free_chats(session: AsyncSession, chats: Sequence[ChatKey]) -> dict[ChatKey, FreeChat]:
    """Those of `chats` that nobody sends into, locked; chats of paused bots are left out."""
    rows = await session.execute(_LOCK_FREE, _keys(chats))
    free = {
        ChatKey(row.bot_id, row.chat_id): FreeChat(row.next_send_in, row.slot_in, list(row.recent_ages)) for row in rows
    }
    return {chat: free[chat] for chat in chats if chat in free}


async def lock_held_chats(session: AsyncSession, deliveries: Sequence[Delivery]) -> set[UUID]:
    """The leases of those deliveries that are still held; their chats are locked."""
    parameters = _keys([each.chat for each in deliveries]) | {"leases": [each.lease for each in deliveries]}
    return set(await session.scalars(_LOCK_HELD, parameters))


async def list_heads(session: AsyncSession, chats: Sequence[ChatKey]) -> list[OutboxHead]:
    rows = await session.execute(_LIST_HEADS, _keys(chats))
    return [
        OutboxHead(
            ChatKey(row.bot_id, row.chat_id), row.id, row.method, row.params, row.attempt, row.interrupted,
            row.retry_in, _read(row.instead),
        )
        for row in rows
    ]  # fmt: skip


async def take_slots(session: AsyncSession, wanted: Mapping[int, int], every_s: float) -> dict[int, float]:
    """Reserve `wanted[bot]` sends, `every_s` apart; seconds from now until the first of them, by bot."""
    await session.execute(_LOCK_BOTS, {"bots": list(wanted)})
    seconds = [count * every_s for count in wanted.values()]
    rows = await session.execute(_TAKE_SLOTS, {"bots": list(wanted), "seconds": seconds})
    return {row.bot_id: max(0.0, row.until - wanted[row.bot_id] * every_s) for row in rows}


async def hold_bots(session: AsyncSession, held: Mapping[int, float]) -> None:
    """Let no message of these bots go out for so many seconds."""
    if held:
        await session.execute(_LOCK_BOTS, {"bots": list(held)})
        await session.execute(_HOLD_BOTS, {"bots": list(held), "seconds": list(held.values())})


async def keep_slots(session: AsyncSession, slots: Mapping[ChatKey, float]) -> None:
    """Remember slots (seconds from now) that are too far away to wait for."""
    if slots:
        await session.execute(_KEEP_SLOTS, _keys(list(slots)) | {"seconds": list(slots.values())})


async def forget_missed_slots(session: AsyncSession, bot_id: int) -> None:
    """Slots that passed unused are worth nothing: all of them taken at once would break the bot's limit."""
    await session.execute(_FORGET_SLOTS, {"bot": bot_id})


async def begin_deliveries(
    session: AsyncSession,
    deliveries: Sequence[Delivery],
    pauses: Sequence[float],
    lease_for: timedelta,
    remembered: int,
) -> None:
    """`pauses`: seconds until the same chat may be sent to again, 0 where the call does not count as a message;
    `remembered`: how many sends of a group are remembered.
    """
    parameters: dict[str, Any] = {
        "ids": [each.message_id for each in deliveries],
        "leases": [each.lease for each in deliveries],
        "waits": [each.wait.total_seconds() for each in deliveries],
        "pauses": list(pauses),
        "lease_for": lease_for,
        "remembered": remembered,
    }
    await session.execute(_BEGIN, parameters | _keys([each.chat for each in deliveries]))


async def end_deliveries(session: AsyncSession, results: Sequence[DeliveryResult]) -> None:
    """Write how deliveries ended, and let their chats go."""
    ended = [
        {
            "id": result.delivery.message_id,
            "bot_id": result.delivery.chat.bot_id,
            "chat_id": result.delivery.chat.chat_id,
            "state": result.state,
            "error_class": result.failure and result.failure.error_class,
            "error_text": result.failure and result.failure.text,
            "pause": result.failure and result.failure.pause_s,
            "maybe_done": int(result.maybe_done),
            "telegram_message_id": result.telegram_message_id,
            "instead": _written(result.instead),
        }
        for result in results
    ]
    await session.execute(_END, {"ended": to_jsonb(ended)})


async def get_said(session: AsyncSession, inbox_id: int, telegram_message_id: int) -> Say | None:
    """What stood first in this message, which answers one of the inbox, in the form that Telegram took."""
    said = {"inbox_id": inbox_id, "telegram_message_id": telegram_message_id}
    row = (await session.execute(_GET_SAID, said)).one_or_none()
    return None if row is None else Say(row.method, row.params)


async def move_chat(session: AsyncSession, chat: ChatKey, new_chat_id: int) -> None:
    """A group became a supergroup: what waits for the old one is for the new one."""
    await session.execute(_MOVE, {"bot": chat.bot_id, "old": chat.chat_id, "new": new_chat_id})


def _written(say: Say | None) -> dict[str, Any] | None:
    return None if say is None else {"method": say.method, "params": say.params, "instead": _written(say.instead)}


def _read(written: Mapping[str, Any] | None) -> Say | None:
    return None if written is None else Say(written["method"], written["params"], _read(written.get("instead")))
