"""A message as it came from Telegram, read without believing that any field is there or of the right kind."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kunak.integrations.telegram.attachments import Attachment, read_attachments
from kunak.integrations.telegram.quotes import Quoted, author_of, is_topic_opening, read_quoted, text_of

_FULL = 4_000
"""Characters: a text so long goes on in the next message where a client split it."""

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
    language_code: str | None
    from_bot: bool
    sender_id: int | None = None
    """The person, or the chat in whose name an admin writes; None when nobody wrote it."""
    author: str = ""
    """Who wrote it first, in words for people."""
    sent_at: int = 0
    """Seconds since 1970, by Telegram's clock."""
    attachments: tuple[Attachment, ...] = ()
    quoted: tuple[Quoted, ...] = ()
    """What it answers, and what was forwarded together with it."""
    is_forward: bool = False
    album_id: str | None = None
    mentioned_ids: frozenset[int] = frozenset()
    """People and bots that are named without a username."""
    reply_to_id: int | None = None
    """Who wrote the message that this one answers."""
    reply_to_username: str | None = None
    via_username: str | None = None
    """The bot whose inline result this is."""
    is_joined: bool = False
    """Made of several, as `join_messages` has it."""

    @property
    def is_command(self) -> bool:
        return self.text.startswith("/")


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
    person, in_name_of = _dict(message.get("from")), _dict(message.get("sender_chat"))
    text, is_forward = text_of(message), isinstance(message.get("forward_origin"), dict)
    replied_to = {} if is_topic_opening(message) else _dict(_dict(message.get("reply_to_message")).get("from"))
    thread_id = message.get("message_thread_id")
    return IncomingMessage(
        chat_id=chat_id,
        message_id=message_id,
        thread_id=thread_id if isinstance(thread_id, int) and message.get("is_topic_message") else None,
        is_private=chat.get("type", "private") == "private",
        text=text,
        language_code=_str(person.get("language_code")),
        # An admin who writes in the name of the group seems to be a bot of Telegram's.
        from_bot=person.get("is_bot") is True and not in_name_of,
        sender_id=_int(in_name_of.get("id")) or _int(person.get("id")),
        author=author_of(message),
        sent_at=_int(message.get("date")) or 0,
        # Of a forwarded post the text is what matters; its picture comes along.
        attachments=() if is_forward and text else read_attachments(message),
        quoted=read_quoted(message),
        is_forward=is_forward,
        album_id=_str(message.get("media_group_id")),
        mentioned_ids=_mentioned(message),
        reply_to_id=_int(replied_to.get("id")),
        reply_to_username=_str(replied_to.get("username")),
        via_username=_str(_dict(message.get("via_bot")).get("username")),
    )


def join_messages(messages: Sequence[IncomingMessage]) -> IncomingMessage:
    """Messages of one person, in order, as one. What was forwarded is quoted beside what they say themselves."""
    first = messages[0]
    if len(messages) == 1:
        return first
    own = [each for each in messages if not each.is_forward and each.text] or [each for each in messages if each.text]
    forwarded = [Quoted(each.text, each.author) for each in messages if each.is_forward and each not in own]
    answering = next((each for each in messages if each.reply_to_id is not None), first)
    return replace(
        first,
        text=_joined_text([each.text for each in own]),
        attachments=tuple(each for message in messages for each in message.attachments),
        quoted=(*(each for message in messages for each in message.quoted), *(each for each in forwarded if each.text)),
        mentioned_ids=frozenset().union(*(each.mentioned_ids for each in messages)),
        reply_to_id=answering.reply_to_id,
        reply_to_username=answering.reply_to_username,
        is_joined=True,
    )


def _joined_text(texts: Sequence[str]) -> str:
    """As a paragraph each; where a client had split one text, as it was."""
    joined = ""
    for before, text in zip(("", *texts), texts, strict=False):
        joined += ("" if not joined else "\n" if len(before) >= _FULL else "\n\n") + text
    return joined


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


@dataclass(frozen=True)
class IncomingManagedBot:
    """A bot that was made with one of ours, or that has got another token: who did it, and which bot."""

    person_id: int
    bot_id: int
    language_code: str | None


def read_managed_bot(update: Any) -> IncomingManagedBot | None:
    """The bot; None when this tells of none."""
    person, made = _dict(_dict(update).get("user")), _dict(_dict(update).get("bot"))
    person_id, bot_id = person.get("id"), made.get("id")
    if not isinstance(person_id, int) or not isinstance(bot_id, int):
        return None
    return IncomingManagedBot(person_id, bot_id, _str(person.get("language_code")))


def read_inline_query(query: Any) -> IncomingInlineQuery | None:
    """The query; None when this is not one."""
    query_id = _str(_dict(query).get("id"))
    if query_id is None:
        return None
    person, typed, offset = _dict(query.get("from")), _str(query.get("query")), _str(query.get("offset"))
    language = _str(person.get("language_code"))
    return IncomingInlineQuery(query_id, typed or "", offset or "", language, _int(person.get("id")))


def _mentioned(message: dict[str, Any]) -> frozenset[int]:
    given = [message.get(name) for name in ("entities", "caption_entities")]
    entities = [each for part in given if isinstance(part, list) for each in part if isinstance(each, dict)]
    users = (_dict(each.get("user")).get("id") for each in entities if each.get("type") == "text_mention")
    return frozenset(each for each in users if isinstance(each, int))


def _keyboard(message: dict[str, Any]) -> Keyboard:
    rows = _dict(message.get("reply_markup")).get("inline_keyboard")
    read = (
        tuple(button for button in row if isinstance(button, dict) and _str(button.get("text")))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, list)
    )
    return tuple(row for row in read if row)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _str(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _int(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
