"""The shapes of looking after language models."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from kunak.foundation.jobs.job import Job, Queue


@dataclass(frozen=True)
class WatchModels(Job):
    """Ask the providers which of the language models in use will be shut down, and tell the admins in time."""

    queue: ClassVar[Queue] = Queue.EFFECTS


@dataclass(frozen=True)
class Sunset:
    """A model in use that its provider will shut down."""

    provider: str
    model: str
    day: date
    """The first day without it."""
