"""Where and how something is said: the calls of the Bot API."""

from typing import Any

from kunak.features.bots.schemas import Answers
from kunak.features.conversations.schemas import Spoken
from kunak.features.messaging.schemas import Say, draft_id_of
from kunak.integrations.telegram.incoming import IncomingMessage
from kunak.integrations.telegram.rich import fits_rich_message, gains_by_riches, has_riches, to_rich_message
from kunak.integrations.telegram.text import FormattedText

_CONTENT = frozenset({"text", "entities", "link_preview_options", "rich_message"})
_GOES_ON = " …"
"""Under an answer that is not whole yet, for as long as it is not."""


def to_says(
    text: FormattedText,
    message: IncomingMessage,
    keyboard: list[list[dict[str, Any]]] | None = None,
    answers: Answers = Answers.ENTITIES,
) -> list[Say]:
    """`text` as messages to where `message` came from: as many as it needs, in a group as a reply to it.

    The keyboard stands under the last. Rich `answers` have real tables, headings and lists.
    """
    parts = text.parts()
    below = [None] * (len(parts) - 1) + [keyboard]
    return [_to_say(part, message, each, answers) for part, each in zip(parts, below, strict=True)] if parts else []


def _to_say(
    part: FormattedText, message: IncomingMessage, keyboard: list[list[dict[str, Any]]] | None, answers: Answers
) -> Say:
    said = Say("sendMessage", place(message) | content(part, keyboard))
    if answers is not Answers.RICH or not gains_by_riches(part):
        return said
    markup = {"reply_markup": said.params["reply_markup"]} if keyboard else {}
    rich = place(message) | {"rich_message": to_rich_message(part)} | markup
    return Say("sendRichMessage", rich, instead=said)


def to_draft(text: FormattedText, spoken: Spoken) -> Say:
    """What is written so far, before the answer is there: of a long text the end, where something is going on.

    It is as rich as the answer will be: what has begun to be so stays so, as long as Telegram takes it.
    """
    message, last = spoken.message, text.parts()[-1]
    draft = {"draft_id": draft_id_of(spoken.inbox_id), "can_stop": True, "keep_on_stop": True}
    where: dict[str, Any] = {"chat_id": message.chat_id} | draft
    if message.thread_id is not None:
        where["message_thread_id"] = message.thread_id
    entities = {} if spoken.bot.answers is Answers.PLAIN else {"entities": last.entity_params()}
    said = Say("sendMessageDraft", where | {"text": last.text} | entities)
    if spoken.bot.answers is not Answers.RICH or not (has_riches(text) and fits_rich_message(last)):
        return said
    return Say("sendRichMessageDraft", where | {"rich_message": to_rich_message(last)}, instead=said)


def unfinished(text: FormattedText, spoken: Spoken, *, may_be_rich: bool) -> dict[str, Any]:
    """What is written so far, as the content of a message for a group: of a long text the beginning."""
    part = FormattedText(text.text.rstrip(), list(text.entities)).add(_GOES_ON).parts()[0]
    if may_be_rich and spoken.bot.answers is Answers.RICH and gains_by_riches(part):
        return {"rich_message": to_rich_message(part)}
    params = content(part)
    if spoken.bot.answers is Answers.PLAIN:
        params.pop("entities", None)
    return params


def to_edit(text: FormattedText, message: IncomingMessage, keyboard: list[list[dict[str, Any]]]) -> Say:
    """The bot's own `message` with a new text, of which the first part must be all."""
    where = {"chat_id": message.chat_id, "message_id": message.message_id}
    return Say("editMessageText", where | content(text.parts()[0], keyboard))


def to_former(said: Say, message: IncomingMessage, keyboard: list[list[dict[str, Any]]]) -> Say:
    """The bot's own `message` as it was `said` first, with these buttons."""
    kept = {name: value for name, value in said.params.items() if name in _CONTENT}
    where = {"chat_id": message.chat_id, "message_id": message.message_id}
    return Say("editMessageText", where | kept | {"reply_markup": {"inline_keyboard": keyboard}})


def to_new_keyboard(message: IncomingMessage, keyboard: list[list[dict[str, Any]]]) -> Say:
    """The bot's own `message` with other buttons."""
    where = {"chat_id": message.chat_id, "message_id": message.message_id}
    return Say("editMessageReplyMarkup", where | {"reply_markup": {"inline_keyboard": keyboard}})


def to_press(press_id: str, words: str = "") -> Say:
    """The answer to a pressed button: without it the person's client waits on. `words` are shown for a moment."""
    return Say("answerCallbackQuery", {"callback_query_id": press_id} | ({"text": words[:200]} if words else {}))


def content(part: FormattedText, keyboard: list[list[dict[str, Any]]] | None = None) -> dict[str, Any]:
    params: dict[str, Any] = {"text": part.text, "link_preview_options": {"is_disabled": True}}
    if entities := part.entity_params():
        params["entities"] = entities
    if keyboard:
        params["reply_markup"] = {"inline_keyboard": keyboard}
    return params


def place(message: IncomingMessage) -> dict[str, Any]:
    """Where an answer to `message` goes: its chat and topic, in a group as a reply to it."""
    where: dict[str, Any] = {"chat_id": message.chat_id}
    if message.thread_id is not None:
        where["message_thread_id"] = message.thread_id
    if not message.is_private:
        where["reply_parameters"] = {"message_id": message.message_id, "allow_sending_without_reply": True}
    return where
