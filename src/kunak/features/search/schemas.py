"""The shapes that enter and leave search."""

from dataclasses import dataclass
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
class Answer:
    """What is known about a question: quotes, best first; none when nothing fits."""

    language: Language
    """The language to frame the quotes in: the question's."""
    citations: tuple[Citation, ...]
    mode: Mode
