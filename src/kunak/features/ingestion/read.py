"""Reads a file of documents, line by line: never more than one line and one batch in memory."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson

from kunak.features.ingestion.normalise import normalise_post, normalise_text, normalise_time
from kunak.features.ingestion.schemas import BadLine, Batch, NewDocument, SourceKind, SourceName
from kunak.foundation.clock import now
from kunak.foundation.errors import InvalidInputError, NotFoundError

LONGEST_LINE = 1_000_000
"""Bytes."""
_LONGEST_ID = 500
"""Characters; what an index of PostgreSQL holds for certain."""
_LONGEST_TITLE = 1000
_BATCH = 500
_BATCH_BYTES = 4_000_000
_USERNAME = re.compile(r"[A-Za-z]\w{4,31}", re.ASCII)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
_GENERIC_NAMES = {"corpus", "documents", "data"}


class _BadLineError(Exception):
    """A line that is no document; the text says why."""


def read_batches(path: Path, *, source: str | None = None) -> Iterator[Batch]:
    """The documents of `path` (JSON lines, plain or packed with gzip), some hundreds at a time.

    `source` names where they come from; without it plain documents belong to the file's name, posts to their channel.

    Raises:
        NotFoundError: there is no such file.
        InvalidInputError: it cannot be read, or is packed and damaged.
    """
    reader = _Reader(source, default_source=_name_source(path))
    with _open(path) as (file, packed):
        number = 0
        for number, line in enumerate(_lines(file), start=1):
            reader.read(number, line)
            if reader.is_full:
                yield reader.take(packed.tell())
        yield reader.take(packed.tell())


class _Reader:
    """Collects one batch."""

    def __init__(self, source: str | None, *, default_source: str) -> None:
        self._source = source
        self._default_source = default_source
        self._documents: dict[tuple[SourceName, str], NewDocument] = {}
        self._bad_lines: list[BadLine] = []
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        return len(self._documents) + len(self._bad_lines) >= _BATCH or self._bytes >= _BATCH_BYTES

    def read(self, number: int, line: bytes | None) -> None:
        if line is not None and not line.strip():
            return
        self._bytes += len(line or b"")
        try:
            document = self._parse(line)
        except _BadLineError as error:
            self._bad_lines.append(BadLine(number, str(error)))
        else:
            self._documents[document.source, document.external_id] = document

    def take(self, bytes_read: int) -> Batch:
        batch = Batch(tuple(self._documents.values()), tuple(self._bad_lines), bytes_read)
        self._documents, self._bad_lines, self._bytes = {}, [], 0
        return batch

    def _parse(self, line: bytes | None) -> NewDocument:
        if line is None:
            raise _BadLineError(f"longer than {LONGEST_LINE:,} bytes")
        values = _parse_json(line)
        if "_id" not in values and ("channel_id" in values or "message_id" in values):
            return _parse_post(values, self._source)
        name = self._source or self._default_source
        return _parse_document(values, SourceName(SourceKind.JSONL, name, name))


def _parse_json(line: bytes) -> dict[str, Any]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _BadLineError(f"not UTF-8 at byte {error.start + 1}") from error
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _BadLineError(f"not JSON: {error.msg} at character {error.colno}") from error
    if not isinstance(values, dict):
        raise _BadLineError("not a JSON object")
    return values


def _parse_document(values: dict[str, Any], source: SourceName) -> NewDocument:
    return NewDocument(
        source=source,
        external_id=_get_id(values, "_id"),
        title=_get_title(values, "title"),
        text=_get_body(values, flatten=False),
        url=_get_web_address(values, "url"),
        published_at=_get_time(values, "published_at"),
    )


def _parse_post(values: dict[str, Any], title: str | None) -> NewDocument:
    channel, message = _get_id(values, "channel_id"), _get_id(values, "message_id")
    name = _get_title(values, "channel")
    return NewDocument(
        source=SourceName(SourceKind.CHANNEL, channel, title or name or channel),
        external_id=f"{channel}/{message}",
        title=name,
        text=_get_body(values, flatten=True),
        url=_post_url(name.removeprefix("@"), channel, message),
        published_at=_get_time(values, "date"),
    )


def _post_url(name: str, channel: str, message: str) -> str:
    if _USERNAME.fullmatch(name):
        return f"https://t.me/{name}/{message}"
    return f"https://t.me/c/{channel.removeprefix('-').removeprefix('100')}/{message}"


def _get_id(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _BadLineError(f"`{name}` is missing" if value is None else f"`{name}` is neither text nor a whole number")
    return _check_length(name, _check_text(name, value).strip(), _LONGEST_ID) or _refuse(f"`{name}` is empty")


def _get_title(values: dict[str, Any], name: str) -> str:
    return _check_length(name, normalise_text(_get_text(values, name, default="")), _LONGEST_TITLE)


def _check_length(name: str, value: str, longest: int) -> str:
    return _refuse(f"`{name}` is longer than {longest:,} characters") if len(value) > longest else value


def _get_body(values: dict[str, Any], *, flatten: bool) -> str:
    body = _get_text(values, "text")
    return (normalise_post(body) if flatten else normalise_text(body)) or _refuse("`text` is empty")


def _get_text(values: dict[str, Any], name: str, *, default: str | None = None) -> str:
    value = values.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise _BadLineError(f"`{name}` is missing" if value is None else f"`{name}` is not text")
    return _check_text(name, value)


def _get_web_address(values: dict[str, Any], name: str) -> str | None:
    """None for anything that a reader could not safely follow: the document is worth keeping without it."""
    address = _get_text(values, name, default="").strip()
    return address if _WEB_ADDRESS.fullmatch(address) else None


def _check_text(name: str, value: str) -> str:
    return _refuse(f"`{name}` holds a NUL character") if "\0" in value else value


def _get_time(values: dict[str, Any], name: str) -> datetime | None:
    value = values.get(name)
    if value is None or value == "":
        return None
    try:
        time = datetime.fromisoformat(value)
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise _BadLineError(f"`{name}` is not a time such as 2024-12-04T09:00:28+00:00") from error
    return normalise_time(time, now=now())


def _refuse(reason: str) -> str:
    raise _BadLineError(reason)


def _name_source(path: Path) -> str:
    """The file's name; where that says nothing (`corpus.jsonl`), the name of its folder."""
    stem = path.resolve().name.removesuffix(".gz").removesuffix(".jsonl")
    return path.resolve().parent.name or stem if stem in _GENERIC_NAMES else stem


@contextmanager
def _open(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file unpacked, and as it lies on the disk."""
    try:
        with path.open("rb") as packed:
            is_gzip = packed.read(2) == b"\x1f\x8b"
            packed.seek(0)
            file = io.BufferedReader(gzip.GzipFile(fileobj=packed)) if is_gzip else packed
            yield file, packed
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no file {path}.") from error
    except IsADirectoryError as error:
        raise InvalidInputError(f"{path} is a folder, not a file.") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InvalidInputError(
            f"{path} is packed, and damaged or cut short; documents before that place may have been kept."
        ) from error
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}.") from error


def _lines(file: IO[bytes]) -> Iterator[bytes | None]:
    """The lines, without the mark some editors put first; None for one that is too long."""
    line = file.readline(LONGEST_LINE + 1).removeprefix(b"\xef\xbb\xbf")
    while line:
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE)
            yield None
        else:
            yield line
        line = file.readline(LONGEST_LINE + 1)
