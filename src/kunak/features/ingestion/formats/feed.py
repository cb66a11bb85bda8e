"""RSS, Atom and RDF by feedparser; JSON Feed by its own few rules."""

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import orjson

from kunak.features.ingestion.formats.charsets import decode
from kunak.features.ingestion.formats.html_text import html_to_text
from kunak.features.ingestion.schemas import Contents, Media, Post
from kunak.foundation.errors import InvalidInputError
from kunak.integrations.web_pages.addresses import join_address

MOST_ITEMS = 5000
"""Of one feed at one reading, from its beginning, where feeds keep what is new."""
LONGEST_ID = 300
_LONGEST_TITLE = 1000
_ITEM_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_FEED = re.compile(r"<(?:\w+:)?(?:rss|feed|RDF|channel)\b[^>]*>")
_BEFORE_FEEDS = datetime(1995, 1, 1, tzinfo=UTC)
_SECONDS = re.compile(r"[0-9]{10}(?:[0-9]{3})?")
# No parser knows this zone; all of them take it for UTC.
_MOSCOW = re.compile(r"\b(?:MSK|МСК)$", re.IGNORECASE)
_MOSCOW_AHEAD = timedelta(hours=3)
_BEFORE = b"\xef\xbb\xbf \t\r\n"
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CLOSING = {"rss": "</channel></rss>", "channel": "</channel>", "feed": "</feed>", "rdf": "</rdf:RDF>"}


def looks_like_feed(body: bytes, content_type: str = "") -> bool:
    """Whether this is a feed at all, by its first tag."""
    beginning = decode(body[:4096], content_type).lstrip()
    if beginning.startswith("{"):
        return "jsonfeed.org/version" in beginning
    return bool(_FEED.search(beginning)) and not re.match(
        r"(?:<\?xml[^>]*>\s*)?(?><!--.*?-->\s*)*+<(?:!doctype )?html", beginning, re.IGNORECASE | re.DOTALL
    )


def may_be_cut(beginning: bytes) -> bool:
    """Whether the items at the beginning of a feed can be read without its end."""
    return not beginning.lstrip(_BEFORE).startswith(b"{") and looks_like_feed(beginning)


def read_feed(body: bytes, address: str, content_type: str = "", *, is_cut: bool = False) -> Contents:
    """What the feed holds. `address` is where it was found: links may be relative to it. `is_cut`: its end is missing.

    Raises:
        InvalidInputError: it is no feed.
    """
    if body.lstrip(_BEFORE).startswith(b"{"):
        return _read_json_feed(body, address)
    if not looks_like_feed(body, content_type):
        raise InvalidInputError("This is not a feed.")
    text, notes = _cut(_XML_DECLARATION.sub("", decode(body, content_type), count=1), is_cut=is_cut)
    parsed = _parse(text)
    if not parsed.version and not parsed.entries:
        raise InvalidInputError("This is not a feed.")
    if parsed.bozo:
        notes.append("The feed is not well-formed; what could be read of it was.")
    posts = _unique(_read_entry(entry, address) for entry in parsed.entries)
    return Contents(_plain(parsed.feed.get("title", "")) or address, tuple(posts), tuple(notes))


def _parse(text: str) -> Any:
    # The text is UTF-8 now, whatever its declaration said. As a stream: a string might be taken for a file's name.
    # And without the feed's address: feedparser would join it to ids, which are names and no links.
    headers = {"content-type": "application/xml; charset=utf-8"}
    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers=headers,
        sanitize_html=False,  # only the words are taken
        resolve_relative_uris=False,
    )


def _cut(text: str, *, is_cut: bool) -> tuple[str, list[str]]:
    """The feed up to `MOST_ITEMS`, or up to its last whole item: the parser keeps everything in memory."""
    ends = [end.end() for end in _ITEM_END.finditer(text)]
    if len(ends) <= MOST_ITEMS and not (is_cut and ends):
        return text, []
    root = _FEED.search(text)
    closing = _CLOSING.get(root[0].strip("<>").split()[0].rpartition(":")[2].lower() if root else "", "")
    kept = min(len(ends), MOST_ITEMS)
    more = "more than " if is_cut else ""
    words = f"The feed holds {more}{len(ends):,} items; the first {kept:,} are read."
    return text[: ends[kept - 1]] + closing, [words]


def _read_entry(entry: dict[str, Any], address: str) -> Post:
    link = _follow(address, _link(entry))
    title = _plain(entry.get("title", ""))[:_LONGEST_TITLE]
    text = _body(entry) or title
    return Post(
        id=_name(str(entry.get("id") or ""), link, title, text),
        text=text,
        title=title,
        url=link,
        time=_time(entry),
        media=tuple(_media(entry, address)),
        author=_plain(entry.get("author", "")) or None,
    )


def _link(entry: Mapping[str, Any]) -> str | None:
    """None for an id that is no address: RSS says that ids are links, and few who write them know."""
    link = entry.get("link")
    return None if link == entry.get("id") and "://" not in str(link) else link


def _body(entry: Mapping[str, Any]) -> str:
    """The longest of what an item says about itself."""
    values = [each.get("value", "") for each in entry.get("content", ())] + [entry.get("summary", "")]
    return max((html_to_text(value) for value in values if value), key=len, default="")


def _plain(markup: str) -> str:
    return " ".join(html_to_text(markup).split())


def _time(entry: dict[str, Any]) -> datetime | None:
    """A time without a zone is taken for UTC. None for what nobody understands, or no feed can have seen."""
    for name in ("published", "updated", "created"):
        # Past its own class, which answers with another time and a warning where there is none.
        written = str(dict.get(entry, name) or "").strip()
        time = _of_seconds(written) or _of_parts(dict.get(entry, f"{name}_parsed")) or _of_mail(written)
        if time and time > _BEFORE_FEEDS:
            return time - _MOSCOW_AHEAD if _MOSCOW.search(written) else time
    return None


def _of_seconds(written: str) -> datetime | None:
    """Or milliseconds, since 1970; eight digits are a day."""
    if not _SECONDS.fullmatch(written):
        return None
    return datetime.fromtimestamp(int(written[:10]), UTC)


def _of_parts(parsed: Sequence[int] | None) -> datetime | None:
    if not parsed:
        return None
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _of_mail(written: str) -> datetime | None:
    """As RSS writes times, without the zone that feedparser insists on."""
    try:
        time = parsedate_to_datetime(written)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _media(entry: Mapping[str, Any], address: str) -> Iterator[Media]:
    seen = set()
    for each in [*entry.get("enclosures", ()), *entry.get("media_content", ())]:
        link = _follow(address, each.get("href") or each.get("url"))
        if link and link not in seen:
            seen.add(link)
            kind = str(each.get("type") or each.get("medium") or "").partition("/")[0]
            yield Media({"image": "photo"}.get(kind, kind or "file"), link)
    for each in entry.get("media_thumbnail", ()):
        link = _follow(address, each.get("url"))
        if link and link not in seen:
            seen.add(link)
            yield Media("photo", link)


def _follow(address: str, link: object) -> str | None:
    return join_address(address, link, keep_fragment=True) if isinstance(link, str) and link.strip() else None


def _name(given: str, link: str | None, title: str, text: str) -> str:
    name = given.strip().replace("\0", "") or link or digest(title, text)
    return name if len(name) <= LONGEST_ID else digest(name)


def digest(*texts: str) -> str:
    """A short name for texts that have none."""
    return hashlib.sha256("\n".join(texts).encode("utf-8", "replace")).hexdigest()[:32]


def _unique(posts: Iterable[Post]) -> list[Post]:
    """Every post under an id of its own. Of the same thing twice the first, newer one counts.

    Some feeds give one id to all items. The oldest item keeps it, since at the next reading it will still be the
    oldest; the others are told apart by their links, or by what they say.
    """
    by_id: dict[str, list[Post]] = {}
    for post in posts:
        same = by_id.setdefault(post.id, [])
        if not any(_is_same(post, other) for other in same):
            same.append(post)
    return [
        post if post is same[-1] else replace(post, id=f"{post.id}#{digest(post.url or post.title + post.text)[:12]}")
        for same in by_id.values()
        for post in same
    ]


def _is_same(one: Post, other: Post) -> bool:
    return one.url == other.url if one.url or other.url else one.title == other.title


def _read_json_feed(body: bytes, address: str) -> Contents:
    try:
        feed = orjson.loads(decode(body))
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(f"This is not a feed: the JSON is damaged ({error.msg}).") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise InvalidInputError("This is JSON, but not a JSON Feed: it has no items.")
    items, notes = [each for each in feed["items"] if isinstance(each, dict)], []
    if len(items) > MOST_ITEMS:
        notes.append(f"The feed holds {len(items):,} items; the first {MOST_ITEMS:,} are read.")
    posts = _unique(_read_json_item(each, address) for each in items[:MOST_ITEMS])
    return Contents(_text(feed, "title") or address, tuple(posts), tuple(notes))


def _read_json_item(item: dict[str, Any], address: str) -> Post:
    link = _follow(address, item.get("url") or item.get("external_url"))
    title = _text(item, "title")[:_LONGEST_TITLE]
    text = html_to_text(_text(item, "content_html")) or _text(item, "content_text") or _text(item, "summary") or title
    given = item.get("id")
    authors = [each for each in [*_list(item, "authors"), item.get("author")] if isinstance(each, dict)]
    attached = [each for each in _list(item, "attachments") if isinstance(each, dict)]
    pictures = [Media("photo", url) for url in [_follow(address, item.get("image"))] if url]
    return Post(
        id=_name(str(given) if isinstance(given, str | int) else "", link, title, text),
        text=text,
        title=title,
        url=link,
        time=read_time(item.get("date_published") or item.get("date_modified")),
        media=(*pictures, *(Media(_attachment_type(each), _follow(address, each.get("url"))) for each in attached)),
        author=next((_text(each, "name") for each in authors if _text(each, "name")), None),
        language=_text(item, "language") or None,
    )


def _attachment_type(attachment: dict[str, Any]) -> str:
    kind = _text(attachment, "mime_type").partition("/")[0]
    return {"image": "photo"}.get(kind, kind or "file")


def _list(values: dict[str, Any], name: str) -> list[Any]:
    value = values.get(name)
    return value if isinstance(value, list) else []


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def read_time(value: object) -> datetime | None:
    """A time as ISO 8601 writes it; one without a zone is taken for UTC. None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
