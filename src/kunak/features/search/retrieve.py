"""Finds the passages that are nearest to a question."""

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search import repository
from kunak.features.search.fold import fold
from kunak.features.search.schemas import Hit

LONGEST_QUESTION = 2000
"""Characters of a question that are read; the rest changes nothing any more."""
MOST_TERMS = 32
"""Words of a question that are searched for, the rarest."""

_BUDGET = 1000
_MOST_CANDIDATES = 20_000


async def search(session: AsyncSession, question: str, *, limit: int = 10) -> list[Hit]:
    """At most `limit` passages, best first; none when the question holds no word to search for."""
    return await repository.list_hits(
        session,
        fold(question[:LONGEST_QUESTION]),
        limit=limit,
        budget=_BUDGET,
        most_terms=MOST_TERMS,
        most_candidates=_MOST_CANDIDATES,
    )
