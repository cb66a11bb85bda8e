"""A job: work that is written down in the transaction that decided it, and done after it."""

import dataclasses
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

import orjson


class Queue(StrEnum):
    """The queues. In each a worker runs so many jobs at once, and none waits for another queue's."""

    MESSAGES = "messages"
    DELIVERIES = "deliveries"
    FLEETING = "fleeting"
    EFFECTS = "effects"
    INGESTION = "ingestion"
    EMBEDDINGS = "embeddings"


@dataclass(frozen=True)
class Job:
    """The parent of all jobs: a small frozen class, named verb + noun, whose fields are JSON values.

    Handlers are idempotent: a job runs at least once.
    """

    queue: ClassVar[Queue]

    def to_bytes(self) -> bytes:
        return orjson.dumps({"job": type(self).__name__, "with": dataclasses.asdict(self)})

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self:
        return cls(**fields)


@dataclass(frozen=True)
class Later:
    """A job that waits at least `delay` before it may run."""

    job: Job
    delay: timedelta


@dataclass(frozen=True)
class Schedule:
    """A job put into its queue by the clock; `cron` has five fields, UTC, or six with seconds last."""

    cron: str
    job: Job
