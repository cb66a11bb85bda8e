"""Turns that are to end early, because the person says so."""

import json
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ARRAY, BigInteger, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.schemas import ChatKey

ASKED = "kunak_stops"  # the NOTIFY channel on which whoever holds a turn hears that it is to end


class Asker(NamedTuple):
    """Who asks in a group, as the payload tells: a person, a chat in whose name they write, a topic."""

    person_id: int | None
    chat_id: int | None
    topic_id: int | None


_IDS = bindparam("ids", type_=ARRAY(BigInteger))

_LIST_UNDONE = text("""
    SELECT id FROM inbox, LATERAL (SELECT payload -> kind AS what) AS said,
           LATERAL (SELECT coalesce(what -> 'message', what) AS message) AS place
     WHERE bot_id = :bot AND chat_id = :chat AND state IN ('RECEIVED', 'PROCESSING', 'FAILED')
       AND (CAST(:before AS bigint) IS NULL OR update_id < :before)
       AND (CAST(:asker AS jsonb) IS NULL OR CAST(:asker AS jsonb) = jsonb_build_array(
            what #> '{from,id}', what #> '{sender_chat,id}',
            CASE WHEN message -> 'is_topic_message' = 'true' THEN message -> 'message_thread_id' END))
     ORDER BY update_id
""").bindparams(bindparam("before", type_=BigInteger))

_ASK = text("UPDATE inbox SET stop_asked = true WHERE id = ANY(:ids)").bindparams(_IDS)

_TELL = text("SELECT pg_notify(:channel, CAST(id AS text)) FROM unnest(:ids) AS asked(id)").bindparams(_IDS)

_LIST_ASKED = text("SELECT id FROM inbox WHERE id = ANY(:ids) AND stop_asked").bindparams(_IDS)

_HAS_ENDED = text("""
    SELECT EXISTS (SELECT FROM message_transitions step
                    WHERE step.message_id = asked.id AND step.box = 'inbox' AND step.at > command.received_at)
      FROM inbox command
      JOIN LATERAL (SELECT id FROM inbox
                     WHERE bot_id = command.bot_id AND chat_id = command.chat_id AND stop_asked
                       AND update_id < command.update_id
                     ORDER BY update_id DESC LIMIT 1) asked ON true
     WHERE command.id = :id
""")


async def list_undone(
    session: AsyncSession, chat: ChatKey, before: int | None, *, asker: Asker | None = None
) -> list[int]:
    """The messages of a chat that are not done with, oldest first; of those before an update, if one is named, and of
    one asker.
    """
    written = None if asker is None else json.dumps(asker)
    parameters = {"bot": chat.bot_id, "chat": chat.chat_id, "before": before, "asker": written}
    return list(await session.scalars(_LIST_UNDONE, parameters))


async def ask_to_stop(session: AsyncSession, message_ids: Sequence[int]) -> None:
    """Write it down, and tell whoever listens when this commits."""
    await session.execute(_ASK, {"ids": message_ids})
    await session.execute(_TELL, {"ids": message_ids, "channel": ASKED})


async def list_asked(session: AsyncSession, message_ids: Collection[int]) -> list[int]:
    """Those of the messages whose answer is to end."""
    return list(await session.scalars(_LIST_ASKED, {"ids": list(message_ids)}))


async def has_ended(session: AsyncSession, message_id: int) -> bool:
    """Whether an answer that was to end early did so after this message of its chat had arrived."""
    return bool(await session.scalar(_HAS_ENDED, {"id": message_id}))
