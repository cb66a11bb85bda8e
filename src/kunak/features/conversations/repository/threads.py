"""What is remembered of conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.models import GenerationRow, ThreadMessageRow, ThreadRow
from kunak.features.conversations.schemas import ThreadMessage, ThreadPlace, Unsummarised
from kunak.foundation.language.languages import Language

_OPEN = "open"

# One statement, since it comes between an answer and its saying. What it adds it does not see: that is counted apart.
_ADD_ONCE = text("""
    WITH thread AS (
        INSERT INTO threads (bot_id, chat_id, topic, language) VALUES (:bot, :chat, :topic, :language)
        ON CONFLICT (bot_id, chat_id, topic) WHERE state = 'open' DO UPDATE SET language = excluded.language
        RETURNING id, summarised_up_to
    ), added AS (
        INSERT INTO thread_messages (thread_id, inbox_id, role, text, tokens, telegram_message_id)
        SELECT thread.id, :inbox, role, text, tokens, CASE WHEN role = 'user' THEN :asked_in END
          FROM thread CROSS JOIN unnest(:roles, :texts, :tokens) WITH ORDINALITY AS said(role, text, tokens, number)
         ORDER BY number
        ON CONFLICT ON CONSTRAINT thread_messages_thread_id_inbox_id_role_key DO UPDATE
           SET text = excluded.text, tokens = excluded.tokens, telegram_message_id = excluded.telegram_message_id
        RETURNING id, tokens
    ), newer AS (
        SELECT tokens FROM added, thread WHERE added.id > summarised_up_to
        UNION ALL
        SELECT tokens FROM thread_messages, thread
         WHERE thread_id = thread.id AND thread_messages.id > summarised_up_to AND inbox_id <> :inbox
    )
    SELECT id, (SELECT coalesce(sum(tokens), 0) FROM newer)::int AS tokens, (SELECT count(*) FROM newer) AS messages
      FROM thread
""").bindparams(
    *(bindparam(name, type_=BigInteger) for name in ("bot", "chat", "topic", "inbox", "asked_in")),
    *(bindparam(name, type_=ARRAY(Text)) for name in ("roles", "texts")),
    bindparam("tokens", type_=ARRAY(Integer)),
)


@dataclass(frozen=True)
class Newer:
    """How much was said in a thread since its summary."""

    thread_id: int
    tokens: int
    messages: int


async def list_last_messages(
    session: AsyncSession, place: ThreadPlace, *, besides: int, most: int
) -> list[ThreadMessage]:
    """The newest of the open thread, oldest first; without those of the update `besides`, which may come again.

    What is summed up is not among them: its summary comes before them, when there is one.
    """
    is_told = (
        ThreadMessageRow.thread_id == ThreadRow.id,
        ThreadMessageRow.id > ThreadRow.summarised_up_to,
        ThreadMessageRow.inbox_id != besides,
    )
    newest = (
        select(ThreadRow.summary, ThreadMessageRow.role, ThreadMessageRow.text)
        .outerjoin(ThreadMessageRow, and_(*is_told))
        .where(*_is_open(place))
        .order_by(ThreadMessageRow.id.desc())
        .limit(most)
    )
    rows = (await session.execute(newest)).all()
    summary = [ThreadMessage("summary", rows[0].summary)] if rows and rows[0].summary else []
    return summary + [ThreadMessage(row.role, row.text) for row in reversed(rows) if row.role is not None]


async def add_messages_once(
    session: AsyncSession,
    place: ThreadPlace,
    inbox_id: int,
    messages: Sequence[ThreadMessage],
    language: Language,
    *,
    asked_in: int | None = None,
) -> Newer:
    """Into the open thread, begun when there is none. An update answered again replaces what it had said.

    `asked_in`: the message of Telegram's that was the whole question.
    """
    said = {
        "roles": [message.role for message in messages],
        "texts": [message.text for message in messages],
        "tokens": [message.tokens for message in messages],
    }
    where = {"bot": place.bot_id, "chat": place.chat_id, "topic": place.topic, "language": language.value}
    row = (await session.execute(_ADD_ONCE, where | said | {"inbox": inbox_id, "asked_in": asked_in})).one()
    return Newer(row.id, row.tokens, row.messages)


async def get_unsummarised(session: AsyncSession, thread_id: int) -> Unsummarised | None:
    """None when the thread is closed, forgotten, or has nothing new."""
    thread = await session.scalar(select(ThreadRow).where(ThreadRow.id == thread_id, ThreadRow.state == _OPEN))
    if thread is None:
        return None
    newer = (ThreadMessageRow.thread_id == thread_id, ThreadMessageRow.id > thread.summarised_up_to)
    rows = (await session.scalars(select(ThreadMessageRow).where(*newer).order_by(ThreadMessageRow.id))).all()
    if not rows:
        return None
    place = ThreadPlace(thread.bot_id, thread.chat_id, thread.topic)
    messages = [(row.id, ThreadMessage(row.role, row.text)) for row in rows]  # type: ignore[arg-type]  # checked there
    return Unsummarised(place, rows[-1].inbox_id, thread.summary, thread.summarised_up_to, messages)


async def keep_summary(session: AsyncSession, thread_id: int, summary: str, *, after: int, up_to: int) -> bool:
    """In place of the one that held all up to `after`; False when somebody else was faster, or it is closed by now."""
    unchanged = (ThreadRow.id == thread_id, ThreadRow.state == _OPEN, ThreadRow.summarised_up_to == after)
    keep = update(ThreadRow).where(*unchanged).values(summary=summary, summarised_up_to=up_to).returning(ThreadRow.id)
    return await session.scalar(keep) is not None


async def change_question(session: AsyncSession, place: ThreadPlace, asked_in: int, changed: ThreadMessage) -> None:
    """What was asked in this message of Telegram's, in other words; nothing where it is not remembered."""
    of_place = (ThreadRow.bot_id == place.bot_id, ThreadRow.chat_id == place.chat_id, ThreadRow.topic == place.topic)
    statement = (
        update(ThreadMessageRow)
        .where(ThreadMessageRow.thread_id.in_(select(ThreadRow.id).where(*of_place)))
        .where(ThreadMessageRow.telegram_message_id == asked_in, ThreadMessageRow.role == changed.role)
        .values(text=changed.text, tokens=changed.tokens)
    )
    await session.execute(statement)


async def close_thread(session: AsyncSession, place: ThreadPlace) -> None:
    """What was said so far is kept, and plays no part any more."""
    await session.execute(update(ThreadRow).where(*_is_open(place)).values(state="closed", summary=""))


async def forget_chat(session: AsyncSession, bot_id: int, chat_id: int) -> None:
    """Erase every thread of the chat, and what models answered in it."""
    await session.execute(delete(ThreadRow).where(ThreadRow.bot_id == bot_id, ThreadRow.chat_id == chat_id))
    await session.execute(delete(GenerationRow).where(GenerationRow.bot_id == bot_id, GenerationRow.chat_id == chat_id))


async def prune(session: AsyncSession, *, older_than: timedelta) -> None:
    """Erase what is so old, and threads that nothing is left of."""
    before = func.now() - older_than
    await session.execute(delete(ThreadMessageRow).where(ThreadMessageRow.created_at < before))
    await session.execute(delete(GenerationRow).where(GenerationRow.created_at < before))
    still_there = select(ThreadMessageRow.id).where(ThreadMessageRow.thread_id == ThreadRow.id).exists()
    await session.execute(delete(ThreadRow).where(ThreadRow.started_at < before, ~still_there))


def _is_open(place: ThreadPlace) -> tuple[ColumnElement[bool], ...]:
    return (
        ThreadRow.bot_id == place.bot_id,
        ThreadRow.chat_id == place.chat_id,
        ThreadRow.topic == place.topic,
        ThreadRow.state == _OPEN,
    )
