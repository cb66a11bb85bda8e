"""What a message is about besides itself: the message it answers, or the piece of it that was marked."""

from dataclasses import dataclass
from typing import Any

from kunak.integrations.telegram.rich_reading import rich_as_markdown


@dataclass(frozen=True)
class Quoted:
    """Words of somebody else. `author`: a name for people, empty where Telegram tells none."""

    text: str
    author: str = ""


def text_of(message: dict[str, Any]) -> str:
    """Its text, its caption, or its rich blocks as Markdown."""
    return _str(message.get("text")) or _str(message.get("caption")) or rich_as_markdown(message.get("rich_message"))


def read_quoted(message: dict[str, Any]) -> tuple[Quoted, ...]:
    """At most one: the marked piece, else the whole of what is answered; also when that stands in another chat."""
    answered = _dict(message.get("reply_to_message"))
    outside = _dict(message.get("external_reply"))
    if is_topic_opening(message):
        answered = {}
    text = _str(_dict(message.get("quote")).get("text")) or text_of(answered)
    author = author_of(answered) if answered else origin_name(_dict(outside.get("origin")))
    return (Quoted(text, author),) if text.strip() else ()


def is_topic_opening(message: dict[str, Any]) -> bool:
    """In a topic, what answers nobody is sent as an answer to the message that opened the topic."""
    return "forum_topic_created" in _dict(message.get("reply_to_message"))


def author_of(message: dict[str, Any]) -> str:
    """Who wrote it, or where it was forwarded from."""
    return (
        origin_name(_dict(message.get("forward_origin")))
        or _name(_dict(message.get("sender_chat")))
        or _name(_dict(message.get("from")))
    )


def origin_name(origin: dict[str, Any]) -> str:
    """The name in a `MessageOrigin`."""
    hidden = _str(origin.get("sender_user_name"))
    places = (origin.get("sender_user"), origin.get("sender_chat"), origin.get("chat"))
    return hidden or next(filter(None, (_name(_dict(place)) for place in places)), "")


def _name(card: dict[str, Any]) -> str:
    names = (_str(card.get("title")), _str(card.get("first_name")), _str(card.get("last_name")))
    return " ".join(filter(None, names))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _str(value: Any) -> str:
    return value if isinstance(value, str) else ""
