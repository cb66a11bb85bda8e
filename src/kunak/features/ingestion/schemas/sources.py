"""Where documents come from, and how it stands with each of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class SourceKind(StrEnum):
    """Where documents come from."""

    JSONL = "jsonl"
    """A file of JSON lines."""
    CHANNEL = "channel"
    """Posts of a channel that came in a file."""
    RSS = "rss"
    """A feed: RSS, Atom, RDF or JSON Feed."""
    SITE = "site"
    """Pages of a site."""
    TELEGRAM = "telegram"
    """A channel, by the public preview of Telegram."""
    TELEGRAM_ACCOUNT = "telegram_account"
    """A channel, as the logged-in account sees it."""
    TELEGRAM_EXPORT = "telegram_export"
    """The `result.json` that Telegram Desktop writes."""


class SiteMode(StrEnum):
    """What the address of a site is."""

    PAGE = "page"
    """One page, read again and again."""
    LIST = "list"
    """A page with links to articles."""
    SITEMAP = "sitemap"
    """A sitemap, or an index of sitemaps."""


@dataclass(frozen=True)
class SourceName:
    """A source, by the key that never changes; the title is what people read."""

    kind: SourceKind
    key: str
    title: str


class SourceState(StrEnum):
    """Whether a source is read when it is due."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVING = "removing"
    """Its documents are being forgotten, and then it is."""


@dataclass(frozen=True)
class SourceOptions:
    """What whoever added a source chose for it."""

    mode: SiteMode | None = None
    """Of a site."""
    backfill: int = 1000
    """How many of a channel's older posts are fetched when it is new."""
    heed_robots: bool = True


@dataclass(frozen=True)
class Counters:
    """What came of reading, since the source was added."""

    fetched: int = 0
    """Posts and pages that were seen."""
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0
    """Readings, and pages of sites, that ended with an error."""


@dataclass(frozen=True)
class Source:
    """A source as it stands."""

    id: int
    kind: SourceKind
    key: str
    title: str
    address: str | None
    """None for what came in files; it is not read again."""
    options: SourceOptions
    state: SourceState
    every: timedelta | None
    """As a person wished; None: as often as it changes."""
    interval: timedelta
    """Between the last reading and the next."""
    keep_days: int | None
    """Documents that were published longer ago are forgotten."""
    cursor: dict[str, Any] = field(repr=False)
    """How far it has been read; its shape is the reader's own."""
    version: int = field(repr=False)
    """Counts the steps of reading: who comes with an old one has been overtaken."""
    next_at: datetime | None
    read_at: datetime | None
    succeeded_at: datetime | None
    failures: int
    """In a row."""
    failing_since: datetime | None
    """The first of them."""
    error: str | None
    notes: tuple[str, ...]
    counters: Counters

    @property
    def name(self) -> SourceName:
        return SourceName(self.kind, self.key, self.title)


@dataclass(frozen=True)
class Failing:
    """A source that could not be read the last time."""

    title: str
    since: datetime
    error: str


@dataclass(frozen=True)
class Health:
    """How all sources are."""

    active: int
    paused: int
    failing: tuple[Failing, ...]
    """The longest first; not those that are paused."""
    behind: int
    """Sources that should have been read some time ago."""
    behind_by: timedelta
    """The one that waits longest."""


@dataclass(frozen=True)
class NewSource:
    """A source to be added."""

    kind: SourceKind
    key: str
    title: str
    address: str
    options: SourceOptions = SourceOptions()
    every: timedelta | None = None
    keep_days: int | None = None


@dataclass(frozen=True)
class Wish:
    """How a source is to be read, as far as a person said so."""

    kind: str | None = None
    """One of the words of `preview.KINDS`."""
    title: str | None = None
    every_minutes: int | None = None
    keep_days: int | None = None
    backfill: int | None = None
    ignore_robots: bool = False
