"""The front door of ingestion: documents come in, are kept once, and become findable."""

import hashlib
from collections.abc import Sequence

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion import repository
from kunak.features.ingestion.read import read_batches
from kunak.features.ingestion.repository import Row
from kunak.features.ingestion.schemas import NewDocument, SourceName, Stored
from kunak.features.search import service as search
from kunak.features.search.schemas import Entry
from kunak.foundation.language.detect import detect_language

__all__ = ["KIND", "count_documents", "get_source_titles", "list_entries", "read_batches", "store"]

KIND = "document"
"""Of the things in search."""


async def store(session: AsyncSession, documents: Sequence[NewDocument]) -> Stored:
    """Keep `documents` and their entries in search, in the caller's transaction; what is known already is left alone.

    No two of `documents` may have the same source and id.
    """
    if not documents:
        return Stored()
    source_ids = {
        source: await repository.get_or_add_source(session, source)
        for source in sorted({document.source for document in documents}, key=_by_key)
    }
    rows = {(source_ids[each.source], each.external_id): _row(source_ids[each.source], each) for each in documents}
    kept = await repository.keep_changed(session, list(rows.values()))
    await search.index(session, KIND, [_entry(each.id, rows[each.source_id, each.external_id]) for each in kept])
    added = sum(each.is_new for each in kept)
    return Stored(added=added, changed=len(kept) - added, unchanged=len(documents) - len(kept))


async def list_entries(session: AsyncSession, *, after: int, limit: int) -> list[Entry]:
    """The documents with ids over `after`, in their order, as search knows them.

    They stay as they are until the caller's transaction ends: an import that changes one waits for it.
    """
    return await repository.list_entries(session, after=after, limit=limit)


async def count_documents(session: AsyncSession, *, up_to: int) -> tuple[int, int]:
    """How many documents have ids up to this one, and how many there are."""
    return await repository.count_documents(session, up_to=up_to)


async def get_source_titles(session: AsyncSession, keys: Sequence[str]) -> dict[str, str]:
    """What people call these sources, by key; of one that is not known nothing is told."""
    return await repository.get_source_titles(session, keys)


def _by_key(source: SourceName) -> tuple[str, str]:
    return (source.kind, source.key)


def _row(source_id: int, document: NewDocument) -> Row:
    published = document.published_at and document.published_at.isoformat()
    content = orjson.dumps([document.title, document.text, document.url, published])
    return Row(source_id, document, detect_language(document.text), hashlib.sha256(content).digest())


def _entry(document_id: int, row: Row) -> Entry:
    document = row.document
    return Entry(
        thing_id=document_id,
        reference=document.external_id,
        title=document.title,
        text=document.text,
        language=row.language,
        url=document.url,
        published_at=document.published_at,
        source=document.source.key,
    )
