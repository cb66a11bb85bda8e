"""What is put into search, and what narrows a search."""

from dataclasses import dataclass
from datetime import datetime

from kunak.foundation.language.languages import Language


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
