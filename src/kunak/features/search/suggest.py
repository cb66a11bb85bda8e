"""Titles for somebody who is still typing."""

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.repository import titles
from kunak.features.search.schemas import Suggestion

_LONGEST_PREFIX = 100
_FEWEST_LETTERS_INSIDE = 3
"""An index of trigrams cannot look for less."""


async def suggest(session: AsyncSession, prefix: str, *, limit: int = 8) -> list[Suggestion]:
    """Titles that begin with `prefix`, then titles that hold it, each once; none for an empty or an endless one."""
    typed = titles.fold_title(" ".join(prefix.replace("\0", " ").split()).encode("utf-8", "ignore").decode())
    if not typed or len(typed) > _LONGEST_PREFIX:
        return []
    found = await titles.list_beginning(session, typed, limit=limit)
    if len(found) < limit and len(typed) >= _FEWEST_LETTERS_INSIDE:
        found += await titles.list_holding(session, typed, limit=limit)
    return [Suggestion(title) for title in list(dict.fromkeys(found))[:limit]]
