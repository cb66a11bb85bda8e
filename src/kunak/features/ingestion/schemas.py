"""The shapes that enter and leave ingestion."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from kunak.foundation.jobs.job import Job, Queue


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


@dataclass(frozen=True)
class Media:
    """What a post shows besides its text; noted, not fetched."""

    type: str
    """photo, video, document, voice, audio, sticker, poll, location, …"""
    url: str | None = None
    name: str | None = None
    """A file's name, a song's title, a sticker's emoji."""


@dataclass(frozen=True)
class LinkPreview:
    """What Telegram shows of the page that a post links to."""

    url: str
    title: str
    description: str


@dataclass(frozen=True)
class Post:
    """What a source holds under one id, as it was written; `text` of Telegram's posts is Markdown."""

    id: str
    """Of the source's own; the same at every reading."""
    text: str
    title: str = ""
    url: str | None = None
    time: datetime | None = None
    media: tuple[Media, ...] = ()
    author: str | None = None
    forwarded_from: str | None = None
    reply_to: str | None = None
    edited: bool = False
    views: int | None = None
    link_preview: LinkPreview | None = None
    language: str | None = None
    chat: str | None = None
    """The title of the chat, where a source may hold several."""
    chat_id: str | None = None


@dataclass(frozen=True)
class Contents:
    """Posts as they stand in one place: a feed, a page of a channel, a file."""

    title: str
    posts: tuple[Post, ...]
    notes: tuple[str, ...] = ()
    """What a person should know: something was left out, or could not be read."""


@dataclass(frozen=True)
class NewDocument:
    """A document as its source has it now; texts are plain and normalised."""

    source: SourceName
    external_id: str
    title: str
    text: str
    url: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class BadLine:
    """A line of a file that is no document."""

    number: int
    """Counts from 1."""
    reason: str


@dataclass(frozen=True)
class Stored:
    """What became of some documents."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Batch:
    """The next lines of a file, read and checked."""

    documents: tuple[NewDocument, ...]
    bad_lines: tuple[BadLine, ...]
    bytes_read: int
    """Position in the file as it lies on the disk, packed or not."""


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


@dataclass(frozen=True)
class Preview:
    """What would be read at an address."""

    source: NewSource
    contents: Contents


@dataclass(frozen=True)
class Step:
    """The next piece of a source, kept in one transaction with the place where reading goes on."""

    cursor: dict[str, Any]
    posts: tuple[Post, ...] = ()
    gone: tuple[str, ...] = ()
    """Ids of posts that the source no longer has."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sameness:
    """What two texts of the same moment have in common."""

    is_copy: bool
    """One would be folded into the other."""
    is_event: bool
    """Both would belong to one story."""


class Outcome(StrEnum):
    """How a reading of a source ended."""

    READ = "read"
    """To its end."""
    STOPPED = "stopped"
    """We were told to stop; the rest follows at the next reading."""
    FAILED = "failed"
    """The source says why, and when it is tried again."""
    BUSY = "busy"
    """Somebody else is reading it."""
    SKIPPED = "skipped"
    """It is paused, gone, or not due."""


@dataclass(frozen=True)
class Reading:
    """What one reading of a source came to."""

    outcome: Outcome
    fetched: int = 0
    stored: Stored = Stored()
    removed: int = 0
    error: str | None = None

    def plus(self, fetched: int, stored: Stored, removed: int) -> "Reading":
        mine = self.stored
        total = Stored(mine.added + stored.added, mine.changed + stored.changed, mine.unchanged + stored.unchanged)
        return Reading(self.outcome, self.fetched + fetched, total, self.removed + removed, self.error)


@dataclass(frozen=True)
class ReadSource(Job):
    """Read on in a source that is due."""

    queue: ClassVar[Queue] = Queue.INGESTION
    source_id: int


@dataclass(frozen=True)
class RemoveSource(Job):
    """Forget the documents of a source that is being removed, and then the source."""

    queue: ClassVar[Queue] = Queue.INGESTION
    source_id: int


@dataclass(frozen=True)
class WakeSources(Job):
    """Look for sources that are due, and have them read."""

    queue: ClassVar[Queue] = Queue.INGESTION


@dataclass(frozen=True)
class PruneDocuments(Job):
    """Forget documents older than their sources keep them."""

    queue: ClassVar[Queue] = Queue.INGESTION
