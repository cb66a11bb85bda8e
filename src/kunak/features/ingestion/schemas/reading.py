"""A source is read: what came of it, and the jobs that do it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from kunak.features.ingestion.schemas.documents import Stored
from kunak.foundation.jobs.job import Job, Queue


class Outcome(StrEnum):
    """How a reading of a source ended."""

    READ = "read"
    """To its end."""
    STOPPED = "stopped"
    """We were told to stop; the rest follows at the next reading."""
    FAILED = "failed"
    """The source says why, and when it is tried again."""
    BUSY = "busy"
    """Somebody else is reading it."""
    SKIPPED = "skipped"
    """It is paused, gone, or not due."""


@dataclass(frozen=True)
class Reading:
    """What one reading of a source came to."""

    outcome: Outcome
    fetched: int = 0
    stored: Stored = field(default_factory=Stored)
    removed: int = 0
    error: str | None = None

    def plus(self, fetched: int, stored: Stored, removed: int) -> "Reading":
        mine = self.stored
        total = Stored(mine.added + stored.added, mine.changed + stored.changed, mine.unchanged + stored.unchanged)
        return Reading(self.outcome, self.fetched + fetched, total, self.removed + removed, self.error)


@dataclass(frozen=True)
class ReadSource(Job):
    """Read on in a source that is due."""

    queue: ClassVar[Queue] = Queue.INGESTION
    source_id: int


@dataclass(frozen=True)
class RemoveSource(Job):
    """Forget the documents of a source that is being removed, and then the source."""

    queue: ClassVar[Queue] = Queue.INGESTION
    source_id: int


@dataclass(frozen=True)
class WakeSources(Job):
    """Look for sources that are due, and have them read."""

    queue: ClassVar[Queue] = Queue.INGESTION


@dataclass(frozen=True)
class PruneDocuments(Job):
    """Forget documents older than their sources keep them."""

    queue: ClassVar[Queue] = Queue.INGESTION
