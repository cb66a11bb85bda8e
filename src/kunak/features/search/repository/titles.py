"""The queries for titles."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_FOLDED = "replace(lower(title), 'ё', 'е')"
_BEGINNING = f"left({_FOLDED}, 100)"
_LAST_CHARACTER = "\U0010ffff"
_SAMPLE = 500
"""Entries that are looked at for titles with something inside: thousands of posts may have the same title."""

# Each step of the recursion jumps to the next title in the index.
LIST_BEGINNING = text(f"""
WITH RECURSIVE found (folded, title, number) AS (
    (SELECT {_BEGINNING}, title, 1 FROM search_entries
     WHERE passage = 0 AND {_BEGINNING} ~>=~ :first AND {_BEGINNING} ~<~ :last
     ORDER BY {_BEGINNING} USING ~<~ LIMIT 1)
    UNION ALL
    SELECT next.folded, next.title, number + 1 FROM found CROSS JOIN LATERAL (
        SELECT {_BEGINNING} AS folded, title FROM search_entries
        WHERE passage = 0 AND {_BEGINNING} ~>~ found.folded AND {_BEGINNING} ~<~ :last
        ORDER BY {_BEGINNING} USING ~<~ LIMIT 1
    ) AS next
    WHERE number < :limit
)
SELECT title FROM found ORDER BY number
""")  # noqa: S608  built from constants

LIST_HOLDING = text(f"""
SELECT title FROM (
    SELECT title, {_FOLDED} AS folded FROM search_entries
    WHERE passage = 0 AND {_FOLDED} LIKE :pattern
    LIMIT {_SAMPLE}
) AS sample
GROUP BY title, folded
ORDER BY position(:inside IN folded), title
LIMIT :limit
""")  # noqa: S608  built from constants


def fold_title(title: str) -> str:
    """As the indexes do it."""
    return title.lower().replace("ё", "е")


async def list_beginning(session: AsyncSession, prefix: str, *, limit: int) -> list[str]:
    """Titles that begin with a folded prefix, in their order."""
    values = {"first": prefix, "last": prefix + _LAST_CHARACTER, "limit": limit}
    return list(await session.scalars(LIST_BEGINNING, values))


async def list_holding(session: AsyncSession, inside: str, *, limit: int) -> list[str]:
    """Titles that hold it anywhere, the nearest to their beginning first."""
    values = {"inside": inside, "pattern": f"%{_escape(inside)}%", "limit": limit}
    return list(await session.scalars(LIST_HOLDING, values))


def _escape(pattern: str) -> str:
    return pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


# A title that several things of one source bear is its name: posts of a channel have no title of their own.
_LIST_NAMES = text(f"""
SELECT given.source, given.title
FROM unnest(CAST(:sources AS text[]), CAST(:titles AS text[])) AS given (source, title)
WHERE (SELECT count(*) FROM (
    SELECT FROM search_entries AS entry
    WHERE passage = 0 AND {_BEGINNING} = left(replace(lower(given.title), 'ё', 'е'), 100)
      AND entry.source = given.source AND entry.title = given.title
    LIMIT 2
) AS bearing) > 1
""")  # noqa: S608  built from constants


async def list_names(session: AsyncSession, titles: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the pairs of a source and a title in which the title is but the source's name."""
    values = {"sources": [source for source, _ in titles], "titles": [title for _, title in titles]}
    return {(source, title) for source, title in await session.execute(_LIST_NAMES, values)}
