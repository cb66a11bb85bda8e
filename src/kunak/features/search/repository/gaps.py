"""The queries of questions that nothing was found for."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.schemas import Gap

MOST_GAPS = 10_000
"""Rows that are kept."""
_PRUNED_EVERY = 100
"""New gaps, on the average, between two prunings: so many more rows there may be for a while."""

# Nobody waits for a gap to be written down: one that is being written by many at once is not worth a queue.
_IMPATIENTLY = text("SET LOCAL lock_timeout = '200ms'")

_KEEP = text("""
INSERT INTO search_gaps AS known (question, as_asked, language)
SELECT :question, :as_asked, :language WHERE EXISTS (SELECT FROM search_entries)
ON CONFLICT (question) DO UPDATE
SET times = least(known.times, 2147483646) + 1, last_asked_at = now(), resolved_at = NULL
RETURNING times = 1 AND random() * :pruned_every < 1 AS is_to_prune
""")

# Those that stay: unresolved before resolved, often asked before rarely, lately before long ago.
_PRUNE = text("""
DELETE FROM search_gaps WHERE question IN (
    SELECT question FROM search_gaps
    ORDER BY resolved_at IS NULL DESC, times DESC, last_asked_at DESC, question
    OFFSET :most
)
""")

_RESOLVE = text("""
UPDATE search_gaps SET resolved_at = now() WHERE question = (
    SELECT question FROM search_gaps WHERE question = :question AND resolved_at IS NULL FOR UPDATE SKIP LOCKED
)
""")

_LIST = text("""
SELECT as_asked, language, times, first_asked_at, last_asked_at, resolved_at
FROM search_gaps WHERE :with_resolved OR resolved_at IS NULL
ORDER BY times DESC, last_asked_at DESC, question LIMIT :limit
""")


async def keep_gap(
    session: AsyncSession,
    question: str,
    as_asked: str,
    language: str,
    *,
    most: int = MOST_GAPS,
    pruned_every: int = _PRUNED_EVERY,
) -> None:
    """Count `question` (folded); now and then the least worth keeping are dropped until `most` are left."""
    await session.execute(_IMPATIENTLY)
    values = {"question": question, "as_asked": as_asked, "language": language, "pruned_every": pruned_every}
    if await session.scalar(_KEEP, values):
        await session.execute(_PRUNE, {"most": most})


async def resolve_gap(session: AsyncSession, question: str) -> None:
    """In one statement, which waits for nobody: it is asked after every answer."""
    await session.execute(_RESOLVE, {"question": question})


async def list_gaps(session: AsyncSession, *, limit: int, with_resolved: bool) -> Sequence[Gap]:
    """The most asked first."""
    rows = await session.execute(_LIST, {"limit": limit, "with_resolved": with_resolved})
    return [Gap(*row) for row in rows]
