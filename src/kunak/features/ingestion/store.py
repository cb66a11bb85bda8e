"""Documents are kept once and become findable; what is gone from its source is forgotten."""

import hashlib
import logging
from collections.abc import Sequence

import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.compare import remove, show
from kunak.features.ingestion.repository import documents as repository
from kunak.features.ingestion.repository.documents import Row
from kunak.features.ingestion.repository.entries import list_next
from kunak.features.ingestion.repository.traits import list_unread, lock_comparing
from kunak.features.ingestion.schemas import NewDocument, SourceName, Stored
from kunak.features.search.schemas import Entry
from kunak.foundation.db.engine import Sessions
from kunak.foundation.db.outage import is_refusal
from kunak.foundation.language.detect import detect_language

log = logging.getLogger(__name__)


async def store(session: AsyncSession, documents: Sequence[NewDocument]) -> Stored:
    """Keep `documents` and their entries in search, in the caller's transaction; what is known already is left alone.

    No two of `documents` may have the same source and id.
    """
    if not documents:
        return Stored()
    await lock_comparing(session)
    source_ids = {
        source: await repository.get_or_add_source(session, source)
        for source in sorted({document.source for document in documents}, key=_by_key)
    }
    kept = await repository.keep_changed(session, [_row(source_ids[each.source], each) for each in documents])
    await show(session, [each.id for each in kept])
    added = sum(each.is_new for each in kept)
    return Stored(added=added, changed=len(kept) - added, unchanged=len(documents) - len(kept))


async def find_refused(sessions: Sessions, documents: Sequence[NewDocument]) -> list[NewDocument]:
    """Those of `documents` that the database does not take, each tried by itself; nothing is kept."""
    refused = []
    for document in documents:
        try:
            async with sessions() as session:
                await store(session, [document])
        except DBAPIError as error:
            if not is_refusal(error):
                raise
            name = document.external_id
            log.warning("ingestion: %s of %s is left out: the database refuses it", name, document.source.title)
            refused.append(document)
    return refused


async def forget(session: AsyncSession, source_id: int, external_ids: Sequence[str]) -> int:
    """Remove documents that their source no longer has, and their entries; how many were there."""
    if not external_ids:
        return 0
    await lock_comparing(session)
    return await _remove(session, await repository.list_named(session, source_id, external_ids))


async def forget_some(session: AsyncSession, source_id: int, *, limit: int) -> int:
    """Remove up to `limit` documents of a source; how many there were."""
    await lock_comparing(session)
    return await _remove(session, await repository.list_some(session, source_id, limit=limit))


async def forget_old(session: AsyncSession, *, limit: int) -> int:
    """Remove up to `limit` documents that are older than their sources keep them; how many there were."""
    await lock_comparing(session)
    return await _remove(session, await repository.list_old(session, limit=limit))


async def list_entries(session: AsyncSession, *, after: int, limit: int) -> list[Entry]:
    """The documents with ids over `after` that stand in search, in their order, as search knows them.

    They stay as they are until the caller's transaction ends: an import that changes one waits for it. Those that were
    kept before documents were compared are compared now.
    """
    await lock_comparing(session)
    while True:
        unread = await list_unread(session, after=after, limit=limit)
        await show(session, unread)
        up_to = unread[-1] if len(unread) == limit else None
        entries = await list_next(session, after=after, up_to=up_to, limit=limit)
        if entries or up_to is None:
            return entries
        after = up_to


async def _remove(session: AsyncSession, ids: Sequence[int]) -> int:
    await remove(session, ids)
    return len(ids)


def _by_key(source: SourceName) -> tuple[str, str]:
    return (source.kind, source.key)


def _row(source_id: int, document: NewDocument) -> Row:
    published = document.published_at and document.published_at.isoformat()
    content = orjson.dumps([document.title, document.text, document.url, published])
    return Row(source_id, document, detect_language(document.text), hashlib.sha256(content).digest())
