"""What a message of an account carries besides its text: media, polls, places; and the preview of a link."""

from collections.abc import Iterator
from typing import Any

from kunak.features.ingestion.schemas import LinkPreview, Media

Message = dict[str, Any]
_SIMPLE = {
    "MessageMediaPhoto": "photo",
    "MessageMediaPoll": "poll",
    "MessageMediaToDo": "todo_list",
    "MessageMediaGeo": "location",
    "MessageMediaGeoLive": "location",
    "MessageMediaVenue": "location",
    "MessageMediaContact": "contact",
    "MessageMediaGame": "game",
    "MessageMediaInvoice": "invoice",
    "MessageMediaGiveaway": "giveaway",
    "MessageMediaGiveawayResults": "giveaway",
    "MessageMediaDice": "dice",
    "MessageMediaStory": "story",
    "MessageMediaPaidMedia": "paid_media",
    "MessageMediaVideoStream": "video",
}
_SILENT = {"", "MessageMediaEmpty", "MessageMediaWebPage"}


def media_of(message: Message) -> Iterator[Media]:
    """What the message shows, noted."""
    yield from _media(message.get("media"))
    rich = _map(message, "rich_message")
    for _ in _list(rich, "photos"):
        yield Media("photo")
    for each in _list(rich, "documents"):
        yield _document(each)


def _media(media: Any) -> Iterator[Media]:
    kind = str(media.get("_")) if isinstance(media, dict) else ""
    if kind in _SILENT:
        return
    if kind == "MessageMediaDocument":
        yield _document(_map(media, "document"))
    else:
        # A kind that is newer than this is called as Telegram calls it.
        yield Media(_SIMPLE.get(kind) or kind.removeprefix("MessageMedia").lower())


def _document(document: Message) -> Media:
    parts = {each.get("_"): each for each in _list(document, "attributes")}
    name = _words(parts.get("DocumentAttributeFilename", {}), "file_name") or None
    if sticker := parts.get("DocumentAttributeSticker"):
        return Media("sticker", name=_words(sticker, "alt") or None)
    if audio := parts.get("DocumentAttributeAudio"):
        song = " – ".join(filter(None, (_words(audio, "performer"), _words(audio, "title"))))
        return Media("voice" if audio.get("voice") else "audio", name=song or name)
    if "DocumentAttributeAnimated" in parts:
        return Media("animation", name=name)
    if video := parts.get("DocumentAttributeVideo"):
        return Media("video_message" if video.get("round_message") else "video", name=name)
    return Media("document", name=name)


def words_of(message: Message) -> str:
    """What is said in other places than the text."""
    media = _map(message, "media")
    poll, todo, game = _map(media, "poll"), _map(media, "todo"), _map(media, "game")
    parts = [
        _question(_phrase(poll, "question"), _list(poll, "answers"), "text"),
        _question(_phrase(todo, "title"), _list(todo, "list"), "title"),
        _lines(game, "title", "description"),
    ]
    match media.get("_"):
        case "MessageMediaVenue":
            parts.append(_lines(media, "title", "address"))
        case "MessageMediaInvoice":
            parts.append(_lines(media, "title", "description"))
    return "\n\n".join(part for part in parts if part)


def link_preview_of(message: Message) -> LinkPreview | None:
    page = _map(_map(message, "media"), "webpage")
    if page.get("_") != "WebPage":
        return None
    title = _words(page, "title") or _words(page, "site_name")
    return LinkPreview(_words(page, "url"), title, _words(page, "description"))


def _question(question: str, answers: list[Message], field: str) -> str:
    return "\n".join(filter(None, [question, *(f"- {_phrase(each, field)}" for each in answers)]))


def _phrase(values: Message, name: str) -> str:
    """Text that may have entities, which say nothing in a question."""
    value = values.get(name)
    return _words(value, "text") if isinstance(value, dict) else _words(values, name)


def _lines(values: Message, *names: str) -> str:
    return "\n".join(filter(None, (_words(values, name) for name in names)))


def _map(values: Message, name: str) -> Message:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def _list(values: Message, name: str) -> list[Message]:
    value = values.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []


def _words(values: Message, name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""
