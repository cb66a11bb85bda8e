"""What is remembered of conversations."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.models import GenerationRow, ThreadMessageRow, ThreadRow
from kunak.features.conversations.schemas import ThreadMessage, ThreadPlace
from kunak.foundation.language.languages import Language

_OPEN = "open"


async def list_last_messages(
    session: AsyncSession, place: ThreadPlace, *, besides: int, most: int
) -> list[ThreadMessage]:
    """The newest of the open thread, oldest first; without those of the update `besides`, which may come again."""
    newest = (
        select(ThreadMessageRow.role, ThreadMessageRow.text)
        .join(ThreadRow, ThreadRow.id == ThreadMessageRow.thread_id)
        .where(*_is_open(place), ThreadMessageRow.inbox_id != besides)
        .order_by(ThreadMessageRow.id.desc())
        .limit(most)
    )
    rows = (await session.execute(newest)).all()
    return [ThreadMessage(row.role, row.text) for row in reversed(rows)]


async def add_messages_once(
    session: AsyncSession,
    place: ThreadPlace,
    inbox_id: int,
    messages: Sequence[ThreadMessage],
    language: Language,
    *,
    asked_in: int | None = None,
) -> None:
    """Into the open thread, begun when there is none. An update that is answered again replaces what it had said.

    `asked_in`: the message of Telegram's that was the whole question.
    """
    thread_id = await _open_thread(session, place, language)
    for message in messages:
        said: dict[str, object] = {"text": message.text, "tokens": message.tokens}
        said["telegram_message_id"] = asked_in if message.role == "user" else None
        add = insert(ThreadMessageRow).values(thread_id=thread_id, inbox_id=inbox_id, role=message.role, **said)
        again = "thread_messages_thread_id_inbox_id_role_key"
        await session.execute(add.on_conflict_do_update(constraint=again, set_=said))


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


async def _open_thread(session: AsyncSession, place: ThreadPlace, language: Language) -> int:
    begun = (
        insert(ThreadRow)
        .values(bot_id=place.bot_id, chat_id=place.chat_id, topic=place.topic, language=language.value)
        .on_conflict_do_update(
            index_elements=["bot_id", "chat_id", "topic"],
            index_where=text("state = 'open'"),
            set_={"language": language.value},
        )
        .returning(ThreadRow.id)
    )
    return int((await session.execute(begun)).scalar_one())


async def close_thread(session: AsyncSession, place: ThreadPlace) -> None:
    """What was said so far is kept, and plays no part any more."""
    await session.execute(update(ThreadRow).where(*_is_open(place)).values(state="closed"))


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
