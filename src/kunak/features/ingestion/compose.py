"""Posts become documents: plain, normalised, and under ids that last."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from kunak.features.ingestion.normalise import normalise_post, normalise_text, normalise_time
from kunak.features.ingestion.schemas import NewDocument, Post, SourceKind, SourceName

_MARKDOWN = {SourceKind.TELEGRAM, SourceKind.TELEGRAM_ACCOUNT, SourceKind.TELEGRAM_EXPORT}
_LONGEST_ID = 500
_LONGEST_TITLE = 1000
_LONGEST_TEXT = 1_000_000
_ONLY_ADDRESSES = re.compile(r"(?:\s*https?://\S++)*+\s*")


def compose(
    posts: Iterable[Post], source: SourceName, *, now: datetime, keep_days: int | None = None
) -> list[NewDocument]:
    """The documents that `posts` of a source make, each id once, the later one counting; without those older than
    `keep_days`, and those without a word.
    """
    since = None if keep_days is None else now - timedelta(days=keep_days)
    made = {document.external_id: document for document in _each(posts, source, now)}
    return [each for each in made.values() if since is None or each.published_at is None or each.published_at >= since]


def external_id(source: SourceName, post: Post) -> str:
    """The id under which a post is kept; people see it as the document's reference."""
    match source.kind:
        case SourceKind.TELEGRAM | SourceKind.TELEGRAM_ACCOUNT:
            name = f"{source.key}/{post.id}"
        case SourceKind.TELEGRAM_EXPORT:
            name = f"{post.chat_id or source.key}/{post.id}"
        case _:
            name = post.id
    name = _storable(name)
    return name if len(name) <= _LONGEST_ID else hashlib.sha256(name.encode()).hexdigest()


def _each(posts: Iterable[Post], source: SourceName, now: datetime) -> Iterator[NewDocument]:
    for post in posts:
        if text := _text(post, source.kind):
            title = post.title or (post.chat or source.title if source.kind in _MARKDOWN else "")
            yield NewDocument(
                source=source,
                external_id=external_id(source, post),
                title=normalise_text(_storable(title))[:_LONGEST_TITLE],
                text=text,
                url=post.url,
                published_at=normalise_time(post.time, now=now),
            )


def _text(post: Post, kind: SourceKind) -> str:
    written = _storable(post.text[:_LONGEST_TEXT])
    text = normalise_post(written) if kind in _MARKDOWN else normalise_text(written)
    preview = post.link_preview
    if preview and _ONLY_ADDRESSES.fullmatch(text):
        # A bare link says what it is about only in Telegram's preview of it.
        parts = [preview.title, normalise_text(_storable(preview.description)), text]
        return "\n\n".join(part for part in parts if part)
    return text


def _storable(text: str) -> str:
    """Without NUL and halves of signs, which no database takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
