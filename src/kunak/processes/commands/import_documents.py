"""`kunak import`: documents from files into the knowledge base."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import Batch, NewDocument, Stored
from kunak.features.search import service as search
from kunak.foundation.db.engine import Sessions
from kunak.foundation.db.outage import is_refusal


@dataclass(frozen=True)
class Imported:
    """What became of the lines of an import."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0

    def plus(self, stored: Stored, skipped: int) -> "Imported":
        return Imported(
            self.added + stored.added,
            self.changed + stored.changed,
            self.unchanged + stored.unchanged,
            self.skipped + skipped,
        )

    def __str__(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged, {self.skipped} skipped"


Report = Callable[[Path, Batch], None]
"""Is told of each batch when it is kept."""


async def import_files(
    sessions: Sessions, paths: Sequence[Path], *, report: Report, source: str | None = None
) -> Imported:
    """Import `paths`, a transaction for every few hundred lines. `source` names where their documents come from.

    Whatever ends an import, even the end of the process, the same import again completes it.

    Raises:
        NotFoundError, InvalidInputError: a file cannot be read; the sentence says why.
    """
    imported = Imported()
    try:
        for path in paths:
            for batch in ingestion.read_batches(path, source=source):
                stored, refused = await _store(sessions, batch.documents)
                imported = imported.plus(stored, len(batch.bad_lines) + refused)
                report(path, batch)
    finally:
        async with sessions.begin() as session:
            await search.refresh_lexicon(session)
    return imported


async def _store(sessions: Sessions, documents: Sequence[NewDocument]) -> tuple[Stored, int]:
    """What became of them, and how many the database does not take: those are left out, and the log names them."""
    try:
        async with sessions.begin() as session:
            return await ingestion.store(session, documents), 0
    except DBAPIError as error:
        if not is_refusal(error) or not (refused := await ingestion.find_refused(sessions, documents)):
            raise
    async with sessions.begin() as session:
        taken = [each for each in documents if each not in refused]
        return await ingestion.store(session, taken), len(refused)


@contextmanager
def report_on_terminal(paths: Sequence[Path]) -> Iterator[Report]:
    """Tells of bad lines on standard error, and shows there how far the import is when a person looks on."""
    from rich.console import Console  # noqa: PLC0415  `kunak ask` and others need no terminal art
    from rich.markup import escape  # noqa: PLC0415  as above
    from rich.progress import Progress  # noqa: PLC0415  as above

    console = Console(stderr=True, highlight=False)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        bars = {path: progress.add_task(escape(path.name), total=_size(path)) for path in paths}

        def report(path: Path, batch: Batch) -> None:
            for line in batch.bad_lines:
                sentence = f"{path.name}, line {line.number}: {line.reason}; skipped"
                console.print(sentence, markup=False, soft_wrap=True)
            progress.update(bars[path], completed=batch.bytes_read)

        yield report


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
