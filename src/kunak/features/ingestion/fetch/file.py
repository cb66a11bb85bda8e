"""Files on this machine: Telegram Desktop's exports and JSON lines, read piece by piece."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from itertools import islice
from pathlib import Path

from kunak.features.ingestion.formats.telegram_export import read_export
from kunak.features.ingestion.read import read_batches
from kunak.features.ingestion.schemas import BadLine, Post, Source, SourceKind, Step
from kunak.foundation.errors import InvalidInputError, NotFoundError

_BATCH = 200


async def read_file_steps(source: Source) -> AsyncGenerator[Step, None]:
    """The file from where reading was broken off; nothing when it was read to its end and is as it was."""
    path = Path(source.address or "")
    stamp = await asyncio.to_thread(_stamp, path)
    known = source.cursor if source.cursor.get("stamp") == stamp else {}
    if known.get("whole"):
        return
    done = int(known.get("done", 0))
    batches = _batches(source.kind, path, skip=done)
    while (batch := await asyncio.to_thread(next, batches, None)) is not None:
        posts, bad_lines = batch
        done += len(posts) + len(bad_lines)
        notes = tuple(f"Line {line.number}: {line.reason}; skipped." for line in bad_lines[:3])
        yield Step({"stamp": stamp, "done": done}, posts, notes=notes)
    yield Step({"stamp": stamp, "done": done, "whole": True})


def _stamp(path: Path) -> list[int]:
    try:
        found = path.stat()
    except OSError as error:
        raise NotFoundError(f"The file {path} cannot be read: {error.strerror}.") from error
    return [found.st_size, found.st_mtime_ns]


Batch = tuple[tuple[Post, ...], tuple[BadLine, ...]]


def _batches(kind: SourceKind, path: Path, *, skip: int) -> Iterator[Batch]:
    return _export_batches(path, skip) if kind is SourceKind.TELEGRAM_EXPORT else _line_batches(path, skip)


def _export_batches(path: Path, skip: int) -> Iterator[Batch]:
    """What precedes a damaged place is a batch too; the error follows it."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}.") from error
    batch: list[Post] = []
    with file:
        try:
            for post in islice(read_export(file), skip, None):
                batch.append(post)
                if len(batch) == _BATCH:
                    yield tuple(batch), ()
                    batch = []
        except InvalidInputError:
            if batch:
                yield tuple(batch), ()
            raise
    if batch:
        yield tuple(batch), ()


def _line_batches(path: Path, skip: int) -> Iterator[Batch]:
    for batch in read_batches(path):
        size = len(batch.documents) + len(batch.bad_lines)
        if skip >= size:
            skip -= size
            continue
        skip = 0
        yield (
            tuple(
                Post(each.external_id, each.text, each.title, each.url, each.published_at) for each in batch.documents
            ),
            batch.bad_lines,
        )
