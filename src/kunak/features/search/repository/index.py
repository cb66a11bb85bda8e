"""The queries that put passages into the index and take them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.repository.lexicon import CONFIGURATION


@dataclass(frozen=True)
class Passage:
    """One row of the index to be written. The `folded_…` texts are what is searched, the others what is shown."""

    thing_id: int
    passage: int
    reference: str
    title: str
    text: str
    language: str
    url: str | None
    published_at: datetime | None
    source: str | None
    place: str | None
    price: int | None
    category: str | None
    folded_title: str
    folded_text: str


_PASSAGE_TYPES = {
    "thing_id": "bigint",
    "passage": "integer",
    "reference": "text",
    "title": "text",
    "text": "text",
    "language": "text",
    "url": "text",
    "published_at": "timestamptz",
    "source": "text",
    "place": "text",
    "price": "bigint",
    "category": "text",
    "folded_title": "text",
    "folded_text": "text",
}

_SHOWN = [name for name in _PASSAGE_TYPES if not name.startswith("folded_")]

# The title stands twice in the words, so that a word of it counts twice.
_ADD_PASSAGES = text(f"""
WITH incoming AS MATERIALIZED (
    SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _PASSAGE_TYPES.items())})
        AS incoming ({", ".join(_PASSAGE_TYPES)})
), added AS (
    INSERT INTO search_entries (kind, {", ".join(_SHOWN)}) SELECT :kind, {", ".join(_SHOWN)} FROM incoming
    RETURNING id, thing_id, passage
), parsed AS MATERIALIZED (
    SELECT added.id,
           to_tsvector('{CONFIGURATION}', concat_ws(' ', folded_title, folded_title, folded_text)) AS words
    FROM added JOIN incoming USING (thing_id, passage)
)
INSERT INTO search_words (entry_id, length, words)
SELECT id, (SELECT coalesce(sum(cardinality(positions)), 0) FROM unnest(words)), words FROM parsed
""")  # noqa: S608  built from constants

_REMOVE = text("DELETE FROM search_entries WHERE kind = :kind AND thing_id = ANY (CAST(:thing_ids AS bigint[]))")


async def add_passages(session: AsyncSession, kind: str, passages: Sequence[Passage]) -> None:
    columns = {name: [getattr(passage, name) for passage in passages] for name in _PASSAGE_TYPES}
    await session.execute(_ADD_PASSAGES, {"kind": kind, **columns})


async def remove_things(session: AsyncSession, kind: str, thing_ids: Sequence[int]) -> None:
    await session.execute(_REMOVE, {"kind": kind, "thing_ids": list(thing_ids)})


async def is_empty(session: AsyncSession, kind: str | None) -> bool:
    """Whether there is nothing of this kind, or of any, to be found."""
    if kind is None:
        return not await session.scalar(text("SELECT EXISTS (SELECT FROM search_entries)"))
    of_kind = text("SELECT EXISTS (SELECT FROM search_entries WHERE kind = :kind)")
    return not await session.scalar(of_kind, {"kind": kind})
