"""Searches whose answers bear buttons, and the commands that Telegram was told."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.models import SearchRow, ToldCommandsRow
from kunak.features.conversations.schemas import KeptSearch, NewSearch, OfferedSource, Span, Wish
from kunak.foundation.language.languages import Language


async def keep_search(session: AsyncSession, search: NewSearch, at: datetime) -> int:
    """Its id: the same one when the message was answered before, by a worker that did not get to the end."""
    values = {
        "bot_id": search.bot_id,
        "chat_id": search.chat_id,
        "message_id": search.message_id,
        "wish": search.wish.value,
        "question": search.question,
        "language": search.language.value,
        "spans": [span.value for span in search.spans],
        "sources": [[source.key, source.title] for source in search.sources],
        "asked_at": at,
    }
    kept = (
        insert(SearchRow)
        .values(values)
        .on_conflict_do_update(constraint="conversation_searches_bot_id_chat_id_message_id_key", set_=values)
        .returning(SearchRow.id)
    )
    return int((await session.execute(kept)).scalar_one())


async def get_search(session: AsyncSession, search_id: int, *, bot_id: int, chat_id: int) -> KeptSearch | None:
    """A search of this very chat; None when it is forgotten, or another's."""
    of_chat = (SearchRow.id == search_id, SearchRow.bot_id == bot_id, SearchRow.chat_id == chat_id)
    row = await session.scalar(select(SearchRow).where(*of_chat))
    return None if row is None else _to_search(row)


def _to_search(row: SearchRow) -> KeptSearch:
    asked = NewSearch(
        bot_id=row.bot_id,
        chat_id=row.chat_id,
        message_id=row.message_id,
        wish=Wish(row.wish),
        question=row.question,
        language=Language(row.language),
        spans=[Span(each) for each in row.spans],
        sources=[OfferedSource(key, title) for key, title in row.sources],
    )
    return KeptSearch(row.id, asked, row.asked_at)


async def prune_searches(session: AsyncSession, *, older_than: timedelta) -> None:
    await session.execute(delete(SearchRow).where(SearchRow.asked_at < func.now() - older_than))


async def list_bots_told_otherwise(session: AsyncSession, fingerprint: str) -> list[int]:
    """Active bots of which Telegram was not told these commands."""
    told_otherwise = text("""
        SELECT bots.id FROM bots LEFT JOIN conversation_told_commands AS told ON told.bot_id = bots.id
         WHERE bots.state = 'active' AND told.fingerprint IS DISTINCT FROM :fingerprint ORDER BY bots.id
    """)
    return list(await session.scalars(told_otherwise, {"fingerprint": fingerprint}))


async def keep_told(session: AsyncSession, bot_id: int, fingerprint: str) -> None:
    told = {"fingerprint": fingerprint, "told_at": func.now()}
    keep = insert(ToldCommandsRow).values(bot_id=bot_id, **told)
    await session.execute(keep.on_conflict_do_update(index_elements=["bot_id"], set_=told))
