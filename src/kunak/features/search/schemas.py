"""The shapes that enter and leave search."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kunak.foundation.language.languages import Language


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
    """BM25; comparable within one search only."""
    coverage: float
    """Which part of the question stands in the passage, 0 to 1; a word weighs the square of its rarity (idf), one
    that is nowhere in the index somewhat less."""
    source: str | None = None
    """The key of the source it comes from."""


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


@dataclass(frozen=True)
class Suggestion:
    """A title that begins with, or holds, what somebody is typing."""

    title: str


class Mode(StrEnum):
    """How an answer came about."""

    LEXICAL = "lexical"
    """Quoted from passages that share words with the question."""
    NOTHING = "nothing"
    """Nothing that was found is near enough to the question."""


@dataclass(frozen=True)
class Citation:
    """One quoted passage."""

    number: int
    """Counts from 1."""
    id: str
    title: str
    url: str | None
    quote: str
    """Verbatim, one stretch; an ellipsis stands where it begins or ends inside a sentence."""
    published_at: datetime | None


@dataclass(frozen=True)
class Lead:
    """One of the things that fit a question: where it comes from, and when it was published."""

    source: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class Answer:
    """What is known about a question: quotes, best first; none when nothing fits."""

    language: Language
    """The language to frame the quotes in: the question's."""
    citations: tuple[Citation, ...]
    mode: Mode
    corrected: tuple[Correction, ...] = ()
    leads: tuple[Lead, ...] = ()
    """All that fits the question, quoted here or not, best first: what it can be narrowed by, and how much is left."""
