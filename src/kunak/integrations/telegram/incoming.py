"""A message as it came from Telegram, read without believing that any field is there or of the right kind."""

from dataclasses import dataclass
from typing import Any

_MEDIA = ("photo", "voice", "audio", "video", "video_note", "document", "sticker", "animation", "location", "contact")

Keyboard = tuple[tuple[dict[str, Any], ...], ...]
"""Rows of buttons, as the Bot API gives and takes them."""


@dataclass(frozen=True)
class IncomingMessage:
    """What matters of a message. `text` is that of the message, of its caption or of its rich blocks; may be empty."""

    chat_id: int
    message_id: int
    thread_id: int | None
    is_private: bool
    text: str
    has_media: bool
    language_code: str | None
    from_bot: bool
    reply_to_username: str | None
    via_username: str | None = None
    """The bot whose inline result this is."""
    sender_id: int | None = None
    """The person; None when nobody wrote it."""


@dataclass(frozen=True)
class IncomingPress:
    """A pressed inline button. `message` is the one under which it stands; None when Telegram does not tell."""

    id: str
    data: str
    language_code: str | None
    message: IncomingMessage | None
    sender_id: int | None = None
    keyboard: Keyboard = ()
    """All buttons under that message, as the Bot API takes them."""


@dataclass(frozen=True)
class IncomingInlineQuery:
    """What somebody types after the name of a bot, in any chat."""

    id: str
    text: str
    offset: str
    language_code: str | None
    sender_id: int | None = None


def read_message(message: Any) -> IncomingMessage | None:
    """The message; None when this is not one."""
    chat = _dict(_dict(message).get("chat"))
    chat_id, message_id = chat.get("id"), _dict(message).get("message_id")
    if not isinstance(chat_id, int) or not isinstance(message_id, int):
        return None
    person = _dict(message.get("from"))
    replied_to = _dict(_dict(message.get("reply_to_message")).get("from"))
    thread_id = message.get("message_thread_id")
    return IncomingMessage(
        chat_id=chat_id,
        message_id=message_id,
        thread_id=thread_id if isinstance(thread_id, int) and message.get("is_topic_message") else None,
        is_private=chat.get("type", "private") == "private",
        text=_text(message),
        has_media=any(message.get(kind) for kind in _MEDIA),
        language_code=_str(person.get("language_code")),
        from_bot=person.get("is_bot") is True,
        reply_to_username=_str(replied_to.get("username")),
        via_username=_str(_dict(message.get("via_bot")).get("username")),
        sender_id=_int(person.get("id")),
    )


def read_press(query: Any) -> IncomingPress | None:
    """The pressed button; None when this is not one."""
    query_id, data = _str(_dict(query).get("id")), _dict(query).get("data")
    if query_id is None:
        return None
    person, message = _dict(query.get("from")), query.get("message")
    return IncomingPress(
        query_id,
        _str(data) or "",
        _str(person.get("language_code")),
        read_message(message),
        _int(person.get("id")),
        _keyboard(_dict(message)),
    )


def read_inline_query(query: Any) -> IncomingInlineQuery | None:
    """The query; None when this is not one."""
    query_id = _str(_dict(query).get("id"))
    if query_id is None:
        return None
    person, typed, offset = _dict(query.get("from")), _str(query.get("query")), _str(query.get("offset"))
    language = _str(person.get("language_code"))
    return IncomingInlineQuery(query_id, typed or "", offset or "", language, _int(person.get("id")))


def _keyboard(message: dict[str, Any]) -> Keyboard:
    rows = _dict(message.get("reply_markup")).get("inline_keyboard")
    read = (
        tuple(button for button in row if isinstance(button, dict) and _str(button.get("text")))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, list)
    )
    return tuple(row for row in read if row)


def _text(message: dict[str, Any]) -> str:
    rich = message.get("rich_message")
    return _str(message.get("text")) or _str(message.get("caption")) or "\n".join(_rich_texts(rich)) or ""


def _rich_texts(value: Any) -> list[str]:
    """The texts in a rich message, in order, however its blocks are nested; unknown ones are walked through too."""
    if isinstance(value, str):
        return []
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) and value["text"].strip() else []
        return own + [text for inner in value.values() for text in _rich_texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in ([inner] if isinstance(inner, str) else _rich_texts(inner))]
    return []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _int(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
