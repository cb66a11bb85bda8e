"""The queries for documents as search knows them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.schemas import Entry, Telling
from kunak.foundation.language.languages import Language

# A document that nobody else tells has no story. Those that follow one are few, and an index leads to them.
_STORY = """coalesce(story_of, CASE WHEN EXISTS (SELECT FROM document_traits WHERE story_of = documents.id)
                                      OR EXISTS (SELECT FROM document_traits WHERE copy_of = documents.id)
                               THEN documents.id END)"""
_LIST = f"""
SELECT documents.id AS thing_id, external_id AS reference, documents.title, text, language, url, published_at,
       sources.key AS source, {_STORY} AS story_id
FROM documents JOIN sources ON sources.id = source_id JOIN document_traits AS own ON document_id = documents.id
WHERE own.copy_of IS NULL AND {{}}
"""  # noqa: S608  built from constants
_LIST_NEXT = text(
    _LIST.format("documents.id > :after AND documents.id <= :up_to")
    + " ORDER BY documents.id LIMIT :limit FOR SHARE OF documents"
)
_LIST_THESE = text(_LIST.format("documents.id = ANY (CAST(:ids AS bigint[]))") + " ORDER BY documents.id")
_LIST_STORIES = text(f"""
SELECT documents.id, {_STORY} AS story_id FROM documents JOIN document_traits AS own ON document_id = documents.id
WHERE own.copy_of IS NULL AND documents.id = ANY (CAST(:ids AS bigint[]))
""")  # noqa: S608  built from constants
_LIST_COPIES = text("""
SELECT copy_of, external_id, documents.title, url, published_at, sources.key
FROM document_traits JOIN documents ON documents.id = document_id JOIN sources ON sources.id = source_id
WHERE copy_of = ANY (CAST(:ids AS bigint[])) ORDER BY told_at NULLS FIRST, tie
""")
_LAST = (1 << 63) - 1


async def list_next(session: AsyncSession, *, after: int, up_to: int | None, limit: int) -> list[Entry]:
    """Documents that stand in search, in the order of their ids, locked against changes."""
    values = {"after": after, "up_to": _LAST if up_to is None else up_to, "limit": limit}
    rows = (await session.execute(_LIST_NEXT, values)).mappings()
    return await _with_copies(session, [_entry(dict(row)) for row in rows])


async def list_these(session: AsyncSession, ids: Collection[int]) -> list[Entry]:
    """Those of these documents that stand in search."""
    rows = (await session.execute(_LIST_THESE, {"ids": list(ids)})).mappings()
    return await _with_copies(session, [_entry(dict(row)) for row in rows])


async def list_stories(session: AsyncSession, ids: Collection[int]) -> dict[int, int | None]:
    """Of these documents, if they stand in search, the stories."""
    rows = await session.execute(_LIST_STORIES, {"ids": list(ids)})
    return {row.id: row.story_id for row in rows}


async def list_copies(session: AsyncSession, ids: Collection[int]) -> dict[int, tuple[Telling, ...]]:
    """The copies that these documents stand for, the first first."""
    copies: defaultdict[int, list[Telling]] = defaultdict(list)
    for id_, *told in await session.execute(_LIST_COPIES, {"ids": list(ids)}):
        copies[id_].append(Telling(*told))
    return {id_: tuple(told) for id_, told in copies.items()}


async def _with_copies(session: AsyncSession, entries: list[Entry]) -> list[Entry]:
    copies = await list_copies(session, [each.thing_id for each in entries])
    return [replace(each, also=copies.get(each.thing_id, ())) for each in entries]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "language": Language(row["language"])})
