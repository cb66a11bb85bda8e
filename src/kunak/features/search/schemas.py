"""The shapes that enter and leave search."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from kunak.foundation.jobs.job import Job, Queue
from kunak.foundation.language.languages import Language
from kunak.integrations.circuit_breaker import CircuitBreaker
from kunak.integrations.reranking.interface import Reranker
from kunak.integrations.vector_index.interface import Near


@dataclass(frozen=True)
class Telling:
    """A thing that tells a story: where it can be read, and since when."""

    id: str
    title: str
    """Of the thing; that of a channel's post is the channel's name."""
    url: str | None
    published_at: datetime | None
    source: str | None = None
    """The key of its source."""

    def is_by(self, other: "Telling") -> bool:
        """Whether both are of one source; a thing without a source is its own."""
        return (self.source or self.id) == (other.source or other.id)


@dataclass(frozen=True)
class Entry:
    """A thing to be found. Search splits a long text into passages itself."""

    thing_id: int
    """Its id in the table of its kind (`document`, …)."""
    reference: str
    """The id by which people and other programs know it."""
    title: str
    text: str
    language: Language
    url: str | None = None
    published_at: datetime | None = None
    source: str | None = None
    """The key of the source it comes from."""
    place: str | None = None
    price: int | None = None
    """Whole units of the money of the place."""
    category: str | None = None
    story_id: int | None = None
    """Entries with the same one tell the same event."""
    also: tuple[Telling, ...] = ()
    """Who else says it in the same words; shown only where the entry has a story."""


@dataclass(frozen=True)
class Retelling:
    """What has changed about a thing that itself stayed as it was: its story, and who else says the same."""

    thing_id: int
    story_id: int | None
    also: tuple[Telling, ...]


@dataclass(frozen=True)
class Filters:
    """What a hit must be, besides fitting the question. What is None, or empty, asks for nothing."""

    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()
    places: tuple[str, ...] = ()
    """Compared without regard to case and ё."""
    categories: tuple[str, ...] = ()
    published_from: datetime | None = None
    """From this moment on."""
    published_before: datetime | None = None
    """Before this moment."""
    price_from: int | None = None
    price_to: int | None = None
    """Both ends belong to the range; a thing without a price is in none."""

    @property
    def are_empty(self) -> bool:
        return self == Filters()


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
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    """Leaves a reranker alone that fails again and again."""


@dataclass(frozen=True)
class Suggestion:
    """A title that begins with, or holds, what somebody is typing."""

    title: str


class Mode(StrEnum):
    """How an answer came about."""

    LEXICAL = "lexical"
    """Quoted from passages that share words with the question."""
    HYBRID = "hybrid"
    """From passages that share words with the question, or its meaning."""
    DIGEST = "digest"
    """The stories of a period."""
    NOTHING = "nothing"
    """Nothing that was found is near enough to the question."""


@dataclass(frozen=True)
class Span:
    """A stretch of time; both ends are aware."""

    start: datetime
    """Belongs to it."""
    end: datetime
    """Does not."""


@dataclass(frozen=True)
class Citation:
    """One quoted passage."""

    number: int
    """Counts from 1."""
    id: str
    title: str
    url: str | None
    quote: str
    """Verbatim, one stretch; an ellipsis stands where it begins or ends inside a sentence. Of a digest's story, what
    follows its headline, or nothing."""
    published_at: datetime | None
    headline: str = ""
    """What happened, when this is a story of a digest."""
    also: tuple[Telling, ...] = ()
    """Where the same story is told too, one telling of each further source, in order of time."""
    source: str | None = None
    """The key of its source."""


@dataclass(frozen=True)
class Lead:
    """One of the things that fit a question: where it comes from, and when it was published."""

    source: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class Page:
    """Which part of an answer is wanted.

    `narrowed`: besides what the question itself names, whose period gives way to one named here; `most`: None for as
    many as suits.
    """

    narrowed: Filters = Filters()
    skip: int = 0
    most: int | None = None
    only: tuple[str, ...] = ()
    """The sources that may be quoted, and named, at all; empty: every one."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Those that are wanted, of those that may be quoted; empty: every one."""
        wanted = tuple(each for each in self.narrowed.sources if each in self.only)
        return (wanted or self.only) if self.only else self.narrowed.sources


@dataclass(frozen=True)
class Answer:
    """What is known about a question: quotes, best first; none when nothing fits."""

    language: Language
    """The language to frame the quotes in: the question's."""
    citations: tuple[Citation, ...]
    mode: Mode
    corrected: tuple[Correction, ...] = ()
    period: Span | None = None
    """The time that the question names, or that the digest is of."""
    is_other_time: bool = False
    """Nothing near enough was found in the period, so what is quoted comes from any time."""
    has_more: bool = False
    """There are further ones."""
    is_makeshift: bool = False
    """As of `Found`."""
    leads: tuple[Lead, ...] = ()
    """All that fits the question, quoted here or not: what it can be narrowed by."""
    passages: tuple[Hit, ...] = ()
    """What the quotes are cut from, in their order; none for a digest."""


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


@dataclass(frozen=True)
class Story:
    """An event, as the sources of a period tell it."""

    number: int
    """Counts from 1."""
    headline: str
    quote: str
    """What follows the headline; may be empty."""
    quoted: Telling
    """Where headline and quote stand."""
    tellings: tuple[Telling, ...]
    """One of each source, the first source first."""

    @property
    def also(self) -> tuple[Telling, ...]:
        """Without the source that is quoted."""
        return tuple(each for each in self.tellings if not each.is_by(self.quoted))


@dataclass(frozen=True)
class Digest:
    """What a period was about, once each, what matters most first."""

    period: Span
    stories: tuple[Story, ...] = ()
    has_more: bool = False
    total: int = 0
    """Stories there are, shown or not."""
    leads: tuple[Lead, ...] = ()
    """The posts of all of them."""


@dataclass(frozen=True)
class Gap:
    """A question that nothing was found for."""

    question: str
    """As it was first asked; a long one is cut."""
    language: str
    times: int
    first_asked_at: datetime
    last_asked_at: datetime
    resolved_at: datetime | None
    """When something was found for it after all."""
