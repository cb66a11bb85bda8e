"""`kunak search reindex`: the index made anew from what it was made of, while searches go on."""

from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.ingestion import service as ingestion
from kunak.features.search import service as search
from kunak.foundation.db.engine import create_sessions

_BATCH = 200

Report = Callable[[int, int], None]
"""Is told how many documents are done, and how many there are."""


async def reindex(engine: AsyncEngine, *, report: Report) -> int:
    """Make the entries of every document anew, a transaction for some hundred; returns how many this run made.

    Until its transaction commits a document is found by its old entries. What was broken off goes on where it was.
    """
    sessions, made = create_sessions(engine), 0
    while True:
        async with sessions.begin() as session:
            done_to = await search.get_rebuilt_to(session, ingestion.KIND)
            batch = await ingestion.list_entries(session, after=done_to, limit=_BATCH)
            if not batch:
                await search.finish_rebuilding(session, ingestion.KIND)
                break
            await search.rebuild(session, ingestion.KIND, batch)
            report(*await ingestion.count_documents(session, up_to=batch[-1].thing_id))
        made += len(batch)
    await _tidy(engine)
    return made


async def _tidy(engine: AsyncEngine) -> None:
    """Every row was written anew: what the old ones left behind would slow searches down until PostgreSQL comes by."""
    async with engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("VACUUM (ANALYZE) search_entries, search_words, search_lexicon"))
