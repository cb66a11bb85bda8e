"""Messages as a Telegram account reads them: one post a message, one an album."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kunak.features.ingestion.formats.entities import mark
from kunak.features.ingestion.formats.telegram_attachment import link_preview_of, media_of, words_of
from kunak.features.ingestion.formats.telegram_rich import read_rich
from kunak.features.ingestion.schemas import Post

Message = dict[str, Any]
Names = Mapping[str, str]
_KINDS = {
    "MessageEntityBold": "bold",
    "MessageEntityItalic": "italic",
    "MessageEntityStrike": "strikethrough",
    "MessageEntitySpoiler": "spoiler",
    "MessageEntityCode": "code",
    "MessageEntityPre": "pre",
    "MessageEntityTextUrl": "text_link",
    "MessageEntityBlockquote": "blockquote",
}
_PEERS = {"PeerChannel": ("channel", "channel_id"), "PeerUser": ("user", "user_id"), "PeerChat": ("chat", "chat_id")}


def read_posts(messages: Iterable[Message], names: Names, address: Callable[[int], str]) -> list[Post]:
    """The posts that `messages` make, in the order of their numbers; service messages make none.

    `names`: what is called how, by `channel:5`, `user:7`. `address`: of the message with that number.
    """
    written = sorted((each for each in messages if each.get("_") == "Message"), key=number_of)
    albums: dict[int, list[Message]] = {}
    for message in written:
        albums.setdefault(album_of(message) or -number_of(message), []).append(message)
    return [_read_album(album, names, address) for album in albums.values()]


def number_of(message: Message) -> int:
    return int(message["id"])


def album_of(message: Message) -> int | None:
    """What the messages of one album have in common; None for one that stands alone."""
    found = message.get("grouped_id")
    return found if isinstance(found, int) and found else None


def _read_album(album: Sequence[Message], names: Names, address: Callable[[int], str]) -> Post:
    """Under the number of the first message, with the words of all."""
    first = album[0]
    number = number_of(first)
    time = first.get("date")
    views = first.get("views")
    author = first.get("post_author") or _name(first.get("from_id"), names)
    return Post(
        id=str(number),
        text="\n\n".join(filter(None, (_text(each) for each in album))),
        url=address(number),
        time=time if isinstance(time, datetime) else None,
        media=tuple(found for each in album for found in media_of(each)),
        author=author if isinstance(author, str) else None,
        forwarded_from=_forwarded(first, names),
        reply_to=_replied(first),
        edited=any(each.get("edit_date") and not each.get("edit_hide") for each in album),
        views=views if isinstance(views, int) else None,
        link_preview=next(filter(None, map(link_preview_of, album)), None),
    )


def _text(message: Message) -> str:
    rich = message.get("rich_message")
    written = message.get("message")
    parts = [
        to_markdown(written, message.get("entities") or ()) if isinstance(written, str) else "",
        read_rich(rich) if isinstance(rich, dict) else "",
        words_of(message),
    ]
    return "\n\n".join(part.strip() for part in parts if part.strip())


def to_markdown(text: str, entities: Iterable[Any]) -> str:
    """The text with its entities as Markdown. Telegram counts in units of UTF-16."""
    units = text.encode("utf-16-le")
    known = [each for each in entities if isinstance(each, dict) and each.get("_") in _KINDS and _place(each)[1] > 0]
    return _mark_up(units, 0, len(units) // 2, sorted(known, key=lambda each: (_place(each)[0], -_place(each)[1])))


def _mark_up(units: bytes, start: int, end: int, entities: Sequence[Any]) -> str:
    """`entities` lie between `start` and `end`, outer ones first."""
    pieces, at, waiting = [], start, list(entities)
    while waiting:
        outer = waiting.pop(0)
        begins, length = _place(outer)
        begins, ends = max(begins, at), min(begins + length, end)
        if ends <= begins:
            continue
        inner = [each for each in waiting if _place(each)[0] < ends]
        waiting = waiting[len(inner) :]
        pieces += [_slice(units, at, begins), _marked(outer, _mark_up(units, begins, ends, inner))]
        at = ends
    return "".join([*pieces, _slice(units, at, end)])


def _marked(entity: Message, text: str) -> str:
    address = entity.get("url")
    return mark(_KINDS[entity["_"]], text, address if isinstance(address, str) else None)


def _place(entity: Message) -> tuple[int, int]:
    offset, length = entity.get("offset"), entity.get("length")
    return (offset, length) if isinstance(offset, int) and isinstance(length, int) else (0, 0)


def _slice(units: bytes, start: int, end: int) -> str:
    return units[start * 2 : end * 2].decode("utf-16-le", "replace")


def _forwarded(message: Message, names: Names) -> str | None:
    forward = message.get("fwd_from")
    if not isinstance(forward, dict):
        return None
    named = _name(forward.get("from_id"), names) or forward.get("from_name") or forward.get("post_author")
    return named if isinstance(named, str) and named else None


def _replied(message: Message) -> str | None:
    reply = message.get("reply_to")
    number = reply.get("reply_to_msg_id") if isinstance(reply, dict) else None
    return str(number) if isinstance(number, int) else None


def _name(peer: Any, names: Names) -> str | None:
    if not isinstance(peer, dict) or peer.get("_") not in _PEERS:
        return None
    kind, field = _PEERS[peer["_"]]
    return names.get(f"{kind}:{peer.get(field)}")
