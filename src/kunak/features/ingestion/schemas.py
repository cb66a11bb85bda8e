"""The shapes that enter and leave ingestion."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SourceKind(StrEnum):
    """Where documents come from."""

    JSONL = "jsonl"
    CHANNEL = "channel"


@dataclass(frozen=True)
class SourceName:
    """A source, by the key that never changes; the title is what people read."""

    kind: SourceKind
    key: str
    title: str


@dataclass(frozen=True)
class NewDocument:
    """A document as its source has it now; texts are plain and normalised."""

    source: SourceName
    external_id: str
    title: str
    text: str
    url: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class BadLine:
    """A line of a file that is no document."""

    number: int
    """Counts from 1."""
    reason: str


@dataclass(frozen=True)
class Stored:
    """What became of some documents."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Batch:
    """The next lines of a file, read and checked."""

    documents: tuple[NewDocument, ...]
    bad_lines: tuple[BadLine, ...]
    bytes_read: int
    """Position in the file as it lies on the disk, packed or not."""
