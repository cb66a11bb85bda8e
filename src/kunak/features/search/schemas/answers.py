"""What is known about a question."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kunak.features.search.schemas.entries import Filters, Telling
from kunak.features.search.schemas.found import Correction, Hit
from kunak.foundation.language.languages import Language


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

    narrowed: Filters = field(default_factory=Filters)
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
