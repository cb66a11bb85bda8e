"""What we ask of a vector index beside PostgreSQL, and what can go wrong with it.

It is fed from PostgreSQL and holds nothing of its own: whatever it lost is put into it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kunak.foundation.errors import FatalError, NotFoundError, RetryableError, TerminalError


class IndexUnavailableError(RetryableError):
    """The vector index does not answer just now."""


class IndexKeyRefusedError(FatalError):
    """The vector index refuses our key."""


class IndexRefusedError(TerminalError):
    """The vector index refuses this request."""


class CollectionMissingError(NotFoundError):
    """The vector index does not know this collection; it has to be filled first."""


@dataclass(frozen=True)
class Collection:
    """Where the vectors of one model are."""

    model: str
    dimensions: int
    owner: str = "kunak"
    """Tells apart the installations that share a server."""


@dataclass(frozen=True)
class Point:
    """The vector of an entry, and what can be asked of the entry besides."""

    entry_id: int
    vector: Sequence[float]
    """Of any length but zero: only its direction counts."""
    kind: str
    language: str
    source: str | None = None
    place: str | None = None
    category: str | None = None
    published_at: datetime | None = None
    """With its time zone."""
    price: int | None = None


@dataclass(frozen=True)
class Conditions:
    """What an entry must be, besides near. What is None, or empty, asks for nothing."""

    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """Compared without regard to case and ё."""
    categories: tuple[str, ...] = ()
    published_from: datetime | None = None
    """From this moment on; a thing without a time was published in no period."""
    published_before: datetime | None = None
    """Before this moment."""
    price_from: int | None = None
    price_to: int | None = None
    """Both ends belong to the range; a thing without a price is in none."""


@dataclass(frozen=True)
class Near:
    """An entry that was found."""

    entry_id: int
    similarity: float
    """Cosine: 1 in the same direction, 0 at a right angle, -1 in the opposite one."""


NO_CONDITIONS = Conditions()


class VectorIndex(Protocol):
    """An index of vectors.

    Every method but `close` may raise:
        IndexUnavailableError: network, time-out, 429 (with `retry_after`), 5xx. What was asked may have been done all
            the same; every method may be called again.
        IndexKeyRefusedError: the key is not, or no longer, good.
        IndexRefusedError: everything else, in the index's words.
        CollectionMissingError: there is no such collection (of all but `check`, `prepare` and `discard`).
        InvalidInputError: a vector has not the dimensions of the collection, or numbers that are none.
    """

    async def check(self) -> None:
        """Whether it answers, and takes our key: raises what stands in the way."""
        ...

    async def prepare(self, collection: Collection) -> None:
        """Make the collection, and what its filters need, unless it is there.

        Raises:
            ConflictError: something else is there under its name.
        """
        ...

    async def upsert(self, collection: Collection, points: Sequence[Point]) -> None:
        """Put these in, in place of what was known of their entries; the next search finds them.

        When it fails, some of them may be in.
        """
        ...

    async def remove(self, collection: Collection, entry_ids: Sequence[int]) -> None:
        """Take these out; those that are not in are no error."""
        ...

    async def nearest(
        self, collection: Collection, vector: Sequence[float], *, limit: int, conditions: Conditions = NO_CONDITIONS
    ) -> list[Near]:
        """At most `limit` entries, the nearest first, equally near ones by id; approximate in a large collection."""
        ...

    async def count(self, collection: Collection) -> int:
        """How many entries are in."""
        ...

    async def is_settled(self, collection: Collection) -> bool:
        """Whether what was put in is indexed, so that searches are as fast as they will be."""
        ...

    async def discard(self, collection: Collection) -> None:
        """Throw the collection away, if it is there."""
        ...

    async def close(self) -> None: ...
