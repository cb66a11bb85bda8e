"""The queries about documents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.schemas import NewDocument, SourceName
from kunak.foundation.language.languages import Language

_GET_OR_ADD_SOURCE = text("""
INSERT INTO sources AS known (kind, key, title) VALUES (:kind, :key, :title)
ON CONFLICT (kind, key) DO UPDATE SET title = excluded.title
RETURNING id
""")
_GET_SOURCE = text("SELECT id FROM sources WHERE kind = :kind AND key = :key AND title = :title")


async def get_or_add_source(session: AsyncSession, source: SourceName) -> int:
    values = {"kind": source.kind.value, "key": source.key, "title": source.title}
    known: int | None = await session.scalar(_GET_SOURCE, values)
    return known or (await session.execute(_GET_OR_ADD_SOURCE, values)).scalar_one()


@dataclass(frozen=True)
class Row:
    """A document ready to be written."""

    source_id: int
    document: NewDocument
    language: Language
    content_hash: bytes


@dataclass(frozen=True)
class Kept:
    """A document that was written."""

    id: int
    source_id: int
    external_id: str
    is_new: bool


_COLUMNS = {
    "source_id": "bigint",
    "external_id": "text",
    "title": "text",
    "text": "text",
    "url": "text",
    "published_at": "timestamptz",
    "language": "text",
    "content_hash": "bytea",
}

# Rows that stand as they are are sorted out first: ON CONFLICT alone would lock them and use up an id for each.
_KEEP_CHANGED = text(f"""
INSERT INTO documents AS known ({", ".join(_COLUMNS)})
SELECT incoming.* FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())})
    AS incoming ({", ".join(_COLUMNS)})
LEFT JOIN documents AS present USING (source_id, external_id)
WHERE present.content_hash IS DISTINCT FROM incoming.content_hash
ORDER BY source_id, external_id
ON CONFLICT (source_id, external_id) DO UPDATE SET
    title = excluded.title, text = excluded.text, url = excluded.url, published_at = excluded.published_at,
    language = excluded.language, content_hash = excluded.content_hash, updated_at = now()
WHERE known.content_hash <> excluded.content_hash
RETURNING id, source_id, external_id, updated_at = created_at AS is_new
""")  # noqa: S608  built from constants


async def keep_changed(session: AsyncSession, rows: Sequence[Row]) -> list[Kept]:
    """Write those of `rows` that are new or differ from what is known; returns these."""
    result = await session.execute(_KEEP_CHANGED, _columns(rows))
    return [Kept(**row) for row in result.mappings()]


_LIST_NAMED = text("""
SELECT id FROM documents WHERE source_id = :source_id AND external_id = ANY (CAST(:external_ids AS text[]))
""")
_LIST_SOME = text("SELECT id FROM documents WHERE source_id = :source_id LIMIT :limit")
_LIST_OLD = text("""
SELECT documents.id FROM sources JOIN documents ON source_id = sources.id
WHERE keep_days IS NOT NULL AND published_at < now() - make_interval(days => keep_days::integer)
LIMIT :limit
""")
_REMOVE = text("DELETE FROM documents WHERE id = ANY (CAST(:ids AS bigint[]))")


async def list_named(session: AsyncSession, source_id: int, external_ids: Sequence[str]) -> list[int]:
    """The ids of those of these documents of a source that are there."""
    found = await session.scalars(_LIST_NAMED, {"source_id": source_id, "external_ids": list(external_ids)})
    return list(found)


async def list_some(session: AsyncSession, source_id: int, *, limit: int) -> list[int]:
    """The ids of up to `limit` documents of a source."""
    return list(await session.scalars(_LIST_SOME, {"source_id": source_id, "limit": limit}))


async def list_old(session: AsyncSession, *, limit: int) -> list[int]:
    """The ids of up to `limit` documents that are older than their sources keep them."""
    return list(await session.scalars(_LIST_OLD, {"limit": limit}))


async def remove_documents(session: AsyncSession, ids: Sequence[int]) -> None:
    await session.execute(_REMOVE, {"ids": list(ids)})


async def count_documents(session: AsyncSession, *, up_to: int) -> tuple[int, int]:
    statement = text("SELECT count(*) FILTER (WHERE id <= :up_to), count(*) FROM documents")
    done, present = (await session.execute(statement, {"up_to": up_to})).one()
    return done, present


async def get_source_titles(session: AsyncSession, keys: Sequence[str]) -> dict[str, str]:
    """The titles of those of these sources that are known, by key."""
    titles = text("SELECT key, title FROM sources WHERE key = ANY (CAST(:keys AS text[]))")
    return {row.key: row.title for row in await session.execute(titles, {"keys": list(keys)})}


def _columns(rows: Iterable[Row]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for row in rows:
        for name, values in columns.items():
            values.append(getattr(row, name) if name in Row.__annotations__ else getattr(row.document, name))
    return columns
