"""Finds the passages that are nearest to a question."""

import re

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search import repository
from kunak.features.search.fold import fold
from kunak.features.search.schemas import Hit

_LONGEST_QUESTION = 2000
"""Characters of a question that are read; the rest changes nothing any more."""
MOST_TERMS = 32
"""Words of a question that are searched for, the rarest."""

_BUDGET = 1000
_MOST_CANDIDATES = 5_000

# PostgreSQL knows the English words that ask as stop words, and only a few of the Russian ones.
_ASKING = re.compile(
    r"\b(?:как(?:ой|ого|ому|им|ом|ая|ую|ое|ие|их|ими|ов|ова|ово|овы)|котор(?:ый|ого|ому|ым|ом|ая|ую|ой|ое|ые|ых|ыми)"
    r"|скольк(?:о|их|им|ими)|почему|отчего|зачем|откуда|чей|чья|чье|чьи|чьего|чьей|чьих)\b",
    re.IGNORECASE,
)


def searched_words(question: str) -> str:
    """The part of a question that is looked for, folded."""
    return _ASKING.sub(" ", fold(question[:_LONGEST_QUESTION]))


async def search(session: AsyncSession, question: str, *, limit: int = 10) -> list[Hit]:
    """At most `limit` passages, best first; none when the question holds no word to search for."""
    return await repository.list_hits(
        session,
        searched_words(question),
        limit=limit,
        budget=_BUDGET,
        most_terms=MOST_TERMS,
        most_candidates=_MOST_CANDIDATES,
    )
