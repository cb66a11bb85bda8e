"""The queries that put passages into the index and take them out."""

from collections.abc import Mapping, Sequence
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
    story_id: int | None
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
    "story_id": "bigint",
    "folded_title": "text",
    "folded_text": "text",
}

_SHOWN = [name for name in _PASSAGE_TYPES if not name.startswith("folded_")]
_KEY = ("thing_id", "passage")

# A passage that says what it said keeps its row, and with it its vectors: they cost money. The title stands twice in
# the words, so that a word of it counts twice.
_PUT_PASSAGES = text(f"""
WITH incoming AS MATERIALIZED (
    SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _PASSAGE_TYPES.items())})
        AS incoming ({", ".join(_PASSAGE_TYPES)})
), same AS MATERIALIZED (
    SELECT entry.id FROM incoming JOIN search_entries AS entry USING (thing_id, passage)
    WHERE entry.kind = :kind AND entry.title = incoming.title AND entry.text = incoming.text
), put AS (
    INSERT INTO search_entries (kind, {", ".join(_SHOWN)})
    SELECT :kind, {", ".join(_SHOWN)} FROM incoming ORDER BY thing_id, passage
    ON CONFLICT (kind, thing_id, passage) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in _SHOWN if name not in _KEY)}
    RETURNING id, thing_id, passage
), parsed AS MATERIALIZED (
    SELECT put.id,
           to_tsvector('{CONFIGURATION}', concat_ws(' ', folded_title, folded_title, folded_text)) AS words
    FROM put JOIN incoming USING (thing_id, passage)
), worded AS (
    INSERT INTO search_words (entry_id, length, words)
    SELECT id, (SELECT coalesce(sum(cardinality(positions)), 0) FROM unnest(words)), words FROM parsed
    ON CONFLICT (entry_id) DO UPDATE SET length = excluded.length, words = excluded.words
), outdated AS (
    DELETE FROM search_vectors WHERE entry_id IN (SELECT id FROM put EXCEPT SELECT id FROM same)
), awaited AS (
    INSERT INTO search_awaited_vectors (entry_id)
    SELECT id FROM (SELECT id FROM put EXCEPT SELECT id FROM same) AS fresh
    WHERE EXISTS (SELECT FROM embedding_models WHERE is_current)
    ON CONFLICT DO NOTHING
    RETURNING entry_id
)
SELECT EXISTS (SELECT FROM awaited)
""")  # noqa: S608  built from constants

_REMOVE_REST = text("""
DELETE FROM search_entries AS entry
USING unnest(CAST(:thing_ids AS bigint[]), CAST(:counts AS integer[])) AS given (thing_id, count)
WHERE entry.kind = :kind AND entry.thing_id = given.thing_id AND entry.passage >= given.count
""")
_REMOVE = text("DELETE FROM search_entries WHERE kind = :kind AND thing_id = ANY (CAST(:thing_ids AS bigint[]))")


async def put_passages(session: AsyncSession, kind: str, things: Mapping[int, Sequence[Passage]]) -> bool:
    """These are the passages of these things from now on; tells whether any of them waits for a vector."""
    counts = {"thing_ids": list(things), "counts": [len(passages) for passages in things.values()]}
    await session.execute(_REMOVE_REST, {"kind": kind, **counts})
    passages = [passage for each in things.values() for passage in each]
    columns = {name: [getattr(passage, name) for passage in passages] for name in _PASSAGE_TYPES}
    return bool(await session.scalar(_PUT_PASSAGES, {"kind": kind, **columns}))


async def remove_things(session: AsyncSession, kind: str, thing_ids: Sequence[int]) -> None:
    await session.execute(_REMOVE, {"kind": kind, "thing_ids": list(thing_ids)})


async def is_empty(session: AsyncSession) -> bool:
    """Whether there is nothing to be found at all."""
    return not await session.scalar(text("SELECT EXISTS (SELECT FROM search_entries)"))
