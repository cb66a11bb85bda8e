"""What the API takes and tells about sources, as its description shows it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kunak.features.ingestion.schemas import Preview, SiteMode, Source, SourceKind, SourceState, Wish

Title = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
_MOST_BACKFILL = 1_000_000
_LONGEST_DAYS = 36_500


class Look(BaseModel):
    """What is to be looked at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"address": "@town_news"}]}, extra="forbid", strict=True)

    address: Annotated[str, StringConstraints(min_length=1, max_length=2000)] = Field(
        description="`@channel`, `t.me/channel`, or the address of a feed or a page.", examples=["@town_news"]
    )
    read_as: Literal["feed", "page", "list", "sitemap", "telegram"] | None = Field(
        default=None, description="What the address is; found out when nothing is said."
    )
    ignore_robots: bool = Field(
        default=False, description="You have the owner's leave to read what robots.txt forbids."
    )

    def wish(self) -> Wish:
        return Wish(kind=self.read_as, ignore_robots=self.ignore_robots)


class SourceToAdd(Look):
    """A source to be read from now on."""

    title: Title | None = Field(default=None, description="What people call it; its own title when nothing is said.")
    every_minutes: int | None = Field(
        default=None, ge=1, le=30 * 24 * 60, description="Between two readings; as often as it changes otherwise."
    )
    keep_days: int | None = Field(
        default=None, ge=1, le=_LONGEST_DAYS, description="Forget what was published longer ago; never otherwise."
    )
    backfill: int | None = Field(
        default=None, ge=0, le=_MOST_BACKFILL, description="Older posts of a channel that are fetched at first."
    )

    def wish(self) -> Wish:
        return Wish(
            self.read_as,
            self.title,
            self.every_minutes,
            self.keep_days,
            self.backfill,
            ignore_robots=self.ignore_robots,
        )


class SeenMedia(BaseModel):
    """What a post shows besides its text."""

    type: str = Field(examples=["photo"])
    url: str | None
    name: str | None


class SeenPost(BaseModel):
    """A post or a page, as it would be read."""

    id: str
    title: str
    text: str
    url: str | None
    time: datetime | None
    author: str | None
    media: list[SeenMedia]


class Seen(BaseModel):
    """What would be read at an address."""

    kind: SourceKind
    mode: SiteMode | None = Field(description="Of a site.")
    title: str
    address: str
    notes: list[str] = Field(description="What was left out, or could not be read.")
    posts_seen: int
    posts: list[SeenPost] = Field(description="The newest of them.")


class Counted(BaseModel):
    """What came of reading, since the source was added."""

    fetched: int
    added: int
    changed: int
    unchanged: int
    removed: int
    failed: int


class SourceShown(BaseModel):
    """A source as it stands."""

    id: int
    kind: SourceKind
    mode: SiteMode | None = Field(description="Of a site.")
    key: str = Field(description="As search filters by it.")
    title: str
    address: str | None = Field(description="None for what came in a file; it is not read again.")
    state: SourceState
    every_s: int | None = Field(description="Seconds between two readings, as a person wished.")
    interval_s: int = Field(description="Seconds between two readings, as it is now.")
    keep_days: int | None = Field(description="Documents that were published longer ago are forgotten.")
    backfill: int
    ignore_robots: bool
    next_at: datetime | None
    read_at: datetime | None
    succeeded_at: datetime | None
    failures: int = Field(description="In a row.")
    failing_since: datetime | None
    error: str | None = Field(description="Of the last reading.")
    notes: list[str]
    counters: Counted


class Sources(BaseModel):
    """All sources, in the order in which they were added."""

    sources: list[SourceShown]


class Added(BaseModel):
    """The new source, and what was seen at its address."""

    source: SourceShown
    preview: Seen


def show_source(source: Source) -> SourceShown:
    return SourceShown(
        id=source.id,
        kind=source.kind,
        mode=source.options.mode,
        key=source.key,
        title=source.title,
        address=source.address,
        state=source.state,
        every_s=_seconds(source.every),
        interval_s=round(source.interval.total_seconds()),
        keep_days=source.keep_days,
        backfill=source.options.backfill,
        ignore_robots=not source.options.heed_robots,
        next_at=source.next_at if source.state is SourceState.ACTIVE else None,
        read_at=source.read_at,
        succeeded_at=source.succeeded_at,
        failures=source.failures,
        failing_since=source.failing_since,
        error=source.error,
        notes=list(source.notes),
        counters=Counted(**asdict(source.counters)),
    )


def show_sources(sources: Sequence[Source]) -> Sources:
    return Sources(sources=[show_source(each) for each in sources])


def show_preview(preview: Preview, most: int) -> Seen:
    """`most`: posts that are shown."""
    source, contents = preview.source, preview.contents
    return Seen(
        kind=source.kind,
        mode=source.options.mode,
        title=contents.title,
        address=source.address,
        notes=list(contents.notes),
        posts_seen=len(contents.posts),
        posts=[SeenPost(**_post(asdict(each))) for each in contents.posts[:most]],
    )


def _post(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in SeenPost.model_fields}


def _seconds(duration: timedelta | None) -> int | None:
    return None if duration is None else round(duration.total_seconds())
