"""Answers that a group sees while they are written."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository.outbox import FreeChat
from kunak.features.messaging.schemas import HeldMessage

_LOCK_HELD = text("""
    SELECT coalesce(extract(epoch FROM chats.next_send_at - clock_timestamp()), 0)::float AS next_send_in,
           ARRAY(SELECT extract(epoch FROM clock_timestamp() - sent)::float FROM unnest(chats.recent_sends) AS sent)
               AS recent_ages,
           extract(epoch FROM chats.turn_until - clock_timestamp())::float AS left_s
      FROM chats
      JOIN bots ON bots.id = chats.bot_id AND bots.state = 'active'
     WHERE chats.bot_id = :bot AND chats.chat_id = :chat AND chats.turn_lease = :lease
       FOR UPDATE OF chats
""").bindparams(bindparam("lease", type_=PG_UUID(as_uuid=True)))

_HAS_WAITING = text("""
    SELECT EXISTS (SELECT FROM outbox
                    WHERE bot_id = :bot AND chat_id = :chat AND state IN ('PENDING', 'SENDING', 'FAILED'))
""")

_TAKE_FREE_SLOT = text("""
    INSERT INTO bot_sending AS sending (bot_id, tat) VALUES (:bot, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (bot_id) DO UPDATE SET tat = excluded.tat WHERE sending.tat <= clock_timestamp()
    RETURNING bot_id
""")

_NOTE_SEND = text("""
    UPDATE chats SET next_send_at = clock_timestamp() + make_interval(secs => :pause),
           recent_sends = (recent_sends || clock_timestamp())[greatest(1, cardinality(recent_sends) + 2 - :remembered):]
     WHERE bot_id = :bot AND chat_id = :chat
""")

_BEGIN = text("INSERT INTO previews (inbox_id) VALUES (:id) ON CONFLICT DO NOTHING RETURNING inbox_id")
_GET = text("SELECT telegram_message_id FROM previews WHERE inbox_id = :id")
_KEEP = text("UPDATE previews SET telegram_message_id = :message WHERE inbox_id = :id RETURNING inbox_id")
_FORGET = text("DELETE FROM previews WHERE inbox_id = :id AND telegram_message_id IS NULL")
_TAKE = text("DELETE FROM previews WHERE inbox_id = ANY(:ids) RETURNING inbox_id, telegram_message_id").bindparams(
    bindparam("ids", type_=ARRAY(BigInteger))
)


@dataclass(frozen=True)
class HeldChat:
    """A chat whose turn is held, for `left_s` seconds yet."""

    sending: FreeChat
    left_s: float


def _key(held: HeldMessage) -> dict[str, int]:
    return {"bot": held.chat.bot_id, "chat": held.chat.chat_id}


async def lock_held_chat(session: AsyncSession, held: HeldMessage) -> HeldChat | None:
    """Locked; None when somebody else has the turn by now, or the bot is paused."""
    row = (await session.execute(_LOCK_HELD, _key(held) | {"lease": held.lease})).one_or_none()
    return None if row is None else HeldChat(FreeChat(row.next_send_in, None, list(row.recent_ages)), row.left_s)


async def has_waiting(session: AsyncSession, held: HeldMessage) -> bool:
    """Whether anything waits to be said in the chat."""
    return bool(await session.scalar(_HAS_WAITING, _key(held)))


async def take_free_slot(session: AsyncSession, bot_id: int, every_s: float) -> bool:
    """Whether the bot may send this very moment; then the moment is taken."""
    return await session.scalar(_TAKE_FREE_SLOT, {"bot": bot_id, "seconds": every_s}) is not None


async def note_send(session: AsyncSession, held: HeldMessage, pause_s: float, remembered: int) -> None:
    """Something is sent into the group now, past the outbox; `remembered`: how many sends of a group are."""
    await session.execute(_NOTE_SEND, _key(held) | {"pause": pause_s, "remembered": remembered})


async def begin_once(session: AsyncSession, inbox_id: int) -> bool:
    """False when one was begun before."""
    return await session.scalar(_BEGIN, {"id": inbox_id}) is not None


async def get_message_id(session: AsyncSession, inbox_id: int) -> int | None:
    """Telegram's; None when nobody has told it."""
    found = await session.scalar(_GET, {"id": inbox_id})
    return None if found is None else int(found)


async def keep(session: AsyncSession, inbox_id: int, message_id: int) -> bool:
    """False when nobody waits for it any more."""
    return await session.scalar(_KEEP, {"id": inbox_id, "message": message_id}) is not None


async def forget(session: AsyncSession, inbox_id: int) -> None:
    """One that was begun was not sent."""
    await session.execute(_FORGET, {"id": inbox_id})


async def take(session: AsyncSession, inbox_ids: Sequence[int]) -> dict[int, int | None]:
    """Telegram's message by the inbox message that it answers; None where nobody knows. They are gone after."""
    rows = await session.execute(_TAKE, {"ids": list(inbox_ids)})
    return {row.inbox_id: row.telegram_message_id for row in rows}
