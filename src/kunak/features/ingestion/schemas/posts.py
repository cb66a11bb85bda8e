"""What a source shows, before it is made into documents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kunak.features.ingestion.schemas.sources import NewSource


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
