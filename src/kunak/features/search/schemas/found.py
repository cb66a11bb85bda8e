"""What search finds, and with whose help."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kunak.features.search.schemas.entries import Filters, Telling
from kunak.integrations.circuit_breaker import Circuit
from kunak.integrations.reranking.interface import Reranker
from kunak.integrations.vector_index.interface import Near


@dataclass(frozen=True)
class Hit:
    """A passage that was found."""

    kind: str
    thing_id: int
    passage: int
    reference: str
    title: str
    text: str
    url: str | None
    published_at: datetime | None
    score: float
    """BM25, or from 0 to 1 where vectors had a say; comparable within one search only."""
    coverage: float
    """Which part of the question stands in the passage, 0 to 1; a word weighs the square of its rarity (idf), one
    that is nowhere in the index somewhat less."""
    source: str | None = None
    """The key of the source it comes from."""
    story_id: int | None = None
    is_near: bool = False
    """Its meaning is so near that it may answer without a word of the question."""
    also: tuple[Telling, ...] = ()
    """Where the same story is told too, one telling of each further source, in order of time."""

    @property
    def telling(self) -> Telling:
        return Telling(self.reference, self.title, self.url, self.published_at, self.source)


@dataclass(frozen=True)
class Correction:
    """A word of the question that nobody wrote, and the one that was searched for as well."""

    written: str
    meant: str


@dataclass(frozen=True)
class Found:
    """What a search came to, best first."""

    hits: tuple[Hit, ...] = ()
    corrected: tuple[Correction, ...] = ()
    """What was taken for slips of the finger, and is in the best hit."""
    terms: dict[str, float] = field(default_factory=dict)
    """The lexemes that were searched for, and how much each tells."""
    by_meaning: bool = False
    """Vectors had a say."""
    reranked: bool = False
    """A cross-encoder put the hits into their order."""
    is_makeshift: bool = False
    """A model that should have had its say was not there in time: asked again, more may be found."""


class EmbedsQueries(Protocol):
    """Turns questions into vectors, as quickly as somebody waits."""

    @property
    def model(self) -> str:
        """Vectors of other models mean other things."""
        ...

    async def vector_of(self, text: str) -> Sequence[float] | None:
        """None when it is not there in time."""
        ...


class FindsNear(Protocol):
    """Knows what is near in another place than PostgreSQL."""

    async def find(self, model: str, vector: Sequence[float], filters: Filters, *, limit: int) -> Sequence[Near] | None:
        """The nearest first; some may be gone by now. None: PostgreSQL is to be asked.

        Raises:
            KunakError: it cannot tell, and was not long about it.
        """
        ...


@dataclass(frozen=True)
class Equipment:
    """What search may use besides PostgreSQL. It needs none of it."""

    embedder: EmbedsQueries | None = None
    near: FindsNear | None = None
    unchecked: bool = False
    """Vectors have a say even in languages where they did not prove helpful."""
    reranker: Reranker | None = None
    rerank_within_s: float = 1.0
    """After so long the order stands as it is."""
    circuit: Circuit = field(default_factory=Circuit)
    """Leaves a reranker alone that fails again and again."""


@dataclass(frozen=True)
class Suggestion:
    """A title that begins with, or holds, what somebody is typing."""

    title: str
