"""The vectors of entries: how far they are made and copied, and whether they help."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from kunak.foundation.jobs.job import Job, Queue
from kunak.foundation.language.languages import Language


@dataclass(frozen=True)
class EmbedderCheck:
    """Whether an embedder helps in one language. nDCG@10, 0 to 1, over questions whose answer is known."""

    language: str
    is_helpful: bool
    questions: int
    lexical_ndcg: float
    """By words alone."""
    vector_ndcg: float
    """By vectors alone."""
    hybrid_ndcg: float
    """By both."""
    near: float
    """The similarity (cosine) that nine of ten passages without the answer do not reach."""
    checked_at: datetime | None = None


@dataclass(frozen=True)
class VectorState:
    """How far the vectors of the current model have come."""

    name: str
    dimensions: int
    vectors: int
    awaited: int
    """Entries that have none yet."""
    index: str | None
    """`hnsw` or `ivfflat`; None while the vectors are few enough to be looked through."""
    checks: tuple[EmbedderCheck, ...]


class CopyState(StrEnum):
    """What is done with a copy of the vectors."""

    FILLING = "filling"
    """It is made; PostgreSQL is asked meanwhile."""
    SERVING = "serving"
    """It is asked which entries are near."""
    LEAVING = "leaving"
    """It is thrown away; PostgreSQL is asked again."""


@dataclass(frozen=True)
class CopyProgress:
    """How far a copy has come."""

    model: str
    state: CopyState
    trouble: str | None
    """What went wrong last, until it is over."""
    vectors: int
    copied: int
    changes: int
    """That it has not heard of yet."""


@dataclass(frozen=True)
class FollowVectors(Job):
    """Bring the copies of the vectors up to date."""

    queue: ClassVar[Queue] = Queue.EMBEDDINGS


VECTORS = "search_vectors"
"""The making of vectors, as work that one process does alone."""


@dataclass(frozen=True)
class EmbedEntries(Job):
    """Make the vectors that entries wait for; then index them, and check whether they help."""

    queue: ClassVar[Queue] = Queue.EMBEDDINGS


@dataclass(frozen=True)
class PassageKey:
    """Which passage of which thing; other than the ids of entries it outlives a rebuilding of the index."""

    kind: str
    thing_id: int
    passage: int


class Way(StrEnum):
    """How a question was made from a passage: each is hard for a search in another manner."""

    RARE_WORDS = "rare_words"
    """Its rarest words in other forms: easy for a search by words."""
    COMMON_WORDS = "common_words"
    """Words of one sentence without its rarest ones: no single word leads there, only all of them together."""
    REWORDED = "reworded"
    """As before, with words exchanged for others of the same meaning: the passage holds only some of its words."""
    MISSPELT = "misspelt"
    """Its rarest words, the longest of them with a slip of the finger."""
    NUMBER = "number"
    """What stands beside a number, and the question how many or in which year: the number is the answer."""


@dataclass(frozen=True)
class MadeQuestion:
    """A question made from a passage, which is therefore its answer. Others may answer it as well: nobody looked."""

    text: str
    language: Language
    passage: PassageKey
    reference: str
    """The id by which people know the thing the passage belongs to."""
    way: Way
    answer: str | None = None
    """What must stand in an answer, where that is known."""
