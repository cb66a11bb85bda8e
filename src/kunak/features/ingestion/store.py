"""Documents are kept once and become findable; what is gone from its source is forgotten."""

import hashlib
from collections.abc import Sequence

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.repository import documents as repository
from kunak.features.ingestion.repository.documents import Row
from kunak.features.ingestion.schemas import NewDocument, SourceName, Stored
from kunak.features.search import service as search
from kunak.features.search.schemas import Entry
from kunak.foundation.language.detect import detect_language

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


async def forget(session: AsyncSession, source_id: int, external_ids: Sequence[str]) -> int:
    """Remove documents that their source no longer has, and their entries; how many were there."""
    if not external_ids:
        return 0
    removed = await repository.remove_documents(session, source_id, external_ids)
    await search.remove(session, KIND, removed)
    return len(removed)


async def forget_some(session: AsyncSession, source_id: int, *, limit: int) -> int:
    """Remove up to `limit` documents of a source; how many there were."""
    removed = await repository.remove_some_documents(session, source_id, limit=limit)
    await search.remove(session, KIND, removed)
    return len(removed)


async def forget_old(session: AsyncSession, *, limit: int) -> int:
    """Remove up to `limit` documents that are older than their sources keep them; how many there were."""
    removed = await repository.remove_old_documents(session, limit=limit)
    await search.remove(session, KIND, removed)
    return len(removed)


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
