"""`kunak import`: documents from a file into the knowledge base."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import BadLine, Batch, Stored
from kunak.features.search import service as search
from kunak.foundation.db.engine import Sessions


@dataclass(frozen=True)
class Imported:
    """How an import stands: documents by what became of them, and where the file has been read up to."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    bytes_read: int = 0
    bad_lines: tuple[BadLine, ...] = field(default=(), repr=False)
    """Those of the last batch only: a file may hold millions."""


Report = Callable[[Imported], None]


async def import_file(sessions: Sessions, path: Path, *, report: Report, source: str | None = None) -> Imported:
    """Import `path`, a transaction for every few hundred lines; `report` is called after each.

    Whatever ends an import, the same call again completes it.

    Raises:
        NotFoundError, InvalidInputError: the file cannot be read; the sentence says why.
    """
    imported = Imported()
    for batch in ingestion.read_batches(path, source=source):
        async with sessions.begin() as session:
            stored = await ingestion.store(session, batch.documents)
        imported = _add(imported, batch, stored)
        report(imported)
    async with sessions.begin() as session:
        await search.refresh_lexicon(session)
    return imported


def _add(imported: Imported, batch: Batch, stored: Stored) -> Imported:
    return replace(
        imported,
        added=imported.added + stored.added,
        changed=imported.changed + stored.changed,
        unchanged=imported.unchanged + stored.unchanged,
        skipped=imported.skipped + len(batch.bad_lines),
        bytes_read=batch.bytes_read,
        bad_lines=batch.bad_lines,
    )
