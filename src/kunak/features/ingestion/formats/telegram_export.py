"""The `result.json` of Telegram Desktop: one chat or a whole account, read message by message."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

import ijson

from kunak.features.ingestion.formats.entities import mark
from kunak.features.ingestion.formats.feed import read_time
from kunak.features.ingestion.schemas import Media, Post
from kunak.foundation.errors import InvalidInputError

_CHATS = ("", "chats.list.item", "left_chats.list.item")
_BUFFER = 64 * 1024
_MEDIA_TYPES = {
    "video_file": "video",
    "audio_file": "audio",
    "voice_message": "voice",
}
_WITH_PUBLIC_LINKS = ("channel", "supergroup")


@dataclass
class _Chat:
    name: str = ""
    type: str = ""
    id: str = ""


def looks_like_export(beginning: str) -> bool:
    """Whether a JSON file that begins like this was written by Telegram Desktop."""
    head = beginning[:2000]
    one = '"messages"' in head and '"type"' in head and '"id"' in head
    return one or ('"chats"' in beginning and '"list"' in beginning) or '"left_chats"' in head


def read_export(file: IO[bytes]) -> Iterator[Post]:
    """The messages of `file` in its order; service messages are left out. Memory holds one message at a time.

    Raises:
        InvalidInputError: the file is damaged or cut short; everything whole before that place has been yielded.
    """
    known = False
    try:
        for chat, message in _messages(file):
            known = True
            if message.get("type") == "message" and (post := _read_message(message, chat)):
                yield post
    except ijson.IncompleteJSONError as error:
        raise InvalidInputError("The export is cut short; the messages before that place are kept.") from error
    except ijson.JSONError as error:
        place = "; the messages before that place are kept" if known else ""
        raise InvalidInputError(f"The export is damaged, or is no JSON at all{place}.") from error


def _messages(file: IO[bytes]) -> Iterator[tuple[_Chat, dict[str, Any]]]:
    chat, inside, builder = _Chat(), "", None
    items = {f"{each}.messages.item".removeprefix("."): each for each in _CHATS}
    titles = {f"{each}.{name}".removeprefix("."): name for each in _CHATS for name in ("name", "type", "id")}
    for prefix, event, value in ijson.parse(file, use_float=True, buf_size=_BUFFER):
        if builder is not None:
            builder.event(event, value)
            if prefix == inside and event == "end_map":
                yield chat, builder.value
                builder = None
        elif event == "start_map" and prefix in items:
            inside, builder = prefix, ijson.ObjectBuilder()
            builder.event(event, value)
        elif event == "start_map" and prefix in _CHATS:
            chat = _Chat()
        elif prefix in titles and event in {"string", "number"}:
            setattr(chat, titles[prefix], str(value))


def _read_message(message: dict[str, Any], chat: _Chat) -> Post | None:
    number = message.get("id")
    if not isinstance(number, int):
        return None
    author = _words(message, "from") or None
    return Post(
        id=str(number),
        text="\n\n".join(part for part in [_markdown(message).strip(), *_parts(message)] if part),
        url=f"https://t.me/c/{chat.id}/{number}" if chat.type.endswith(_WITH_PUBLIC_LINKS) else None,
        time=_time(message),
        media=tuple(_media(message)),
        author=None if author == chat.name else author,
        forwarded_from=_words(message, "forwarded_from") or None,
        reply_to=str(message["reply_to_message_id"]) if isinstance(message.get("reply_to_message_id"), int) else None,
        edited="edited" in message or "edited_unixtime" in message,
        chat=chat.name or None,
        chat_id=chat.id or None,
    )


def _time(message: dict[str, Any]) -> datetime | None:
    """The clock of the world when the export has it; older exports know only the local one."""
    try:
        return datetime.fromtimestamp(int(message["date_unixtime"]), UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return read_time(message.get("date"))


def _markdown(message: dict[str, Any]) -> str:
    pieces = message.get("text_entities") or message.get("text") or []
    if isinstance(pieces, str):
        return pieces
    return "".join(_piece(each) for each in pieces) if isinstance(pieces, list) else ""


def _piece(piece: Any) -> str:
    if isinstance(piece, str):
        return piece
    if not isinstance(piece, dict):
        return ""
    text = piece.get("text")
    href = piece.get("href")
    return mark(str(piece.get("type")), text, href if isinstance(href, str) else None) if isinstance(text, str) else ""


def _parts(message: dict[str, Any]) -> Iterator[str]:
    """What is said in other places than the text."""
    poll = _map(message, "poll")
    yield _list(_words(poll, "question"), poll)
    todo = _map(message, "todo_list")
    yield _list(_words(todo, "title"), todo)
    yield "\n".join(filter(None, (_words(message, "place_name"), _words(message, "address"))))
    yield "\n".join(filter(None, (_words(message, "game_title"), _words(message, "game_description"))))
    invoice = _map(message, "invoice_information")
    yield "\n".join(filter(None, (_words(invoice, "title"), _words(invoice, "description"))))


def _list(title: str, values: dict[str, Any]) -> str:
    answers = values.get("answers")
    lines = [_words(each, "text") for each in answers if isinstance(each, dict)] if isinstance(answers, list) else []
    return "\n".join([title, *(f"- {line}" for line in lines if line)]).strip()


def _media(message: dict[str, Any]) -> Iterator[Media]:
    if "photo" in message:
        yield Media("photo", name=_file_name(message.get("photo")))
    if "file" in message:
        kind = _words(message, "media_type") or "document"
        name = _words(message, "sticker_emoji") or _song(message) or _words(message, "file_name")
        yield Media(_MEDIA_TYPES.get(kind, kind), name=name or _file_name(message.get("file")))
    for key, kind in _OTHERS.items():
        if key in message:
            yield Media(kind)


_OTHERS = {
    "poll": "poll",
    "todo_list": "todo_list",
    "location_information": "location",
    "contact_information": "contact",
    "game_title": "game",
    "invoice_information": "invoice",
    "giveaway_information": "giveaway",
    "giveaway_results": "giveaway",
}


def _song(message: dict[str, Any]) -> str:
    return " – ".join(filter(None, (_words(message, "performer"), _words(message, "title"))))


def _file_name(path: Any) -> str | None:
    """None for «(File not included. …)», which Telegram puts where a file is not."""
    return path.rpartition("/")[2] if isinstance(path, str) and path and not path.startswith("(") else None


def _map(values: dict[str, Any], name: str) -> dict[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def _words(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""
