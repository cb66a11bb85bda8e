"""What is kept of a source, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from kunak.features.ingestion.schemas.sources import SourceName


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


@dataclass(frozen=True)
class Sameness:
    """What two texts of the same moment have in common."""

    is_copy: bool
    """One would be folded into the other."""
    is_event: bool
    """Both would belong to one story."""
