"""The queries that draw passages at random."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.schemas import PassageKey
from kunak.foundation.language.languages import Language

_WINDOW = 20
"""Entries behind a place that are looked at for one in the right language."""

_GET_ENDS = text("SELECT min(id), max(id) FROM search_entries")
_LIST_AT = text(f"""
SELECT DISTINCT found.id, found.language, found.source, found.published_at
FROM unnest(CAST(:places AS bigint[])) AS drawn (wanted)
CROSS JOIN LATERAL (
    SELECT * FROM (SELECT * FROM search_entries WHERE id >= wanted ORDER BY id LIMIT {_WINDOW}) AS near
    WHERE CAST(:language AS text) IS NULL OR near.language = :language
    ORDER BY id LIMIT 1
) AS found
ORDER BY found.id
""")  # noqa: S608  built from constants
_LIST_IN = text("""
SELECT id, language, source, published_at
FROM (SELECT * FROM search_entries WHERE language = :language LIMIT :most) AS any_of_them ORDER BY id
""")
_LIST_PASSAGES = text("""
SELECT id, kind, thing_id, passage, reference, text, language
FROM search_entries WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id
""")


@dataclass(frozen=True)
class Place:
    """A passage that may be drawn, and where it stands in the world."""

    id: int
    language: str
    source: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class Drawn:
    """A passage that was drawn."""

    id: int
    key: PassageKey
    reference: str
    text: str
    language: Language


async def get_ends(session: AsyncSession) -> tuple[int, int] | None:
    """The least and the greatest id of an entry; None when there is none."""
    first, last = (await session.execute(_GET_ENDS)).one()
    return None if first is None else (first, last)


async def list_at(session: AsyncSession, places: Sequence[int], language: Language | None) -> list[Place]:
    """For each of `places` the entry at or soon behind it, once; the effort does not grow with the index."""
    values = {"places": list(places), "language": language and language.value}
    return [Place(*row) for row in await session.execute(_LIST_AT, values)]


async def list_in(session: AsyncSession, language: Language, *, most: int) -> list[Place]:
    """At most `most` entries of a language that is rare."""
    return [Place(*row) for row in await session.execute(_LIST_IN, {"language": language.value, "most": most})]


async def list_passages(session: AsyncSession, ids: Sequence[int]) -> list[Drawn]:
    rows = await session.execute(_LIST_PASSAGES, {"ids": list(ids)})
    return [
        Drawn(row.id, PassageKey(row.kind, row.thing_id, row.passage), row.reference, row.text, Language(row.language))
        for row in rows
    ]
