"""Putting a bot's message together and into the chat."""

import time

from kunak.integrations.telegram.sandbox.calls import Call
from kunak.integrations.telegram.sandbox.keyboards import is_inline, read_markup
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.state import Chat

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def post(call: Call, chat: Chat, content: JsonObject) -> JsonObject:
    """The new message, kept in the chat and shown to the pages."""
    params = call.params
    markup = read_markup(params)
    context = _thread(chat, params) | _reply(call, chat)
    message: JsonObject = {
        "message_id": chat.new_message_id(),
        "from": call.bot.as_sender,
        "chat": chat.card,
        "date": int(time.time()),
        **context,
        **content,
    }
    if params.get("protect_content"):
        message["has_protected_content"] = True
    if is_inline(markup):
        message["reply_markup"] = markup
    keep_message(call, chat, message, None if is_inline(markup) else markup)
    return message


def keep_message(call: Call, chat: Chat, message: JsonObject, keyboard: JsonObject | None) -> None:
    """`keyboard` is the one in place of the person's own: shown from now on, or taken away."""
    chat.keep(message)
    chat.drafts.clear()  # a preview ends where the message begins
    if keyboard is not None:
        chat.reply_keyboard = None if "remove_keyboard" in keyboard else keyboard
    call.world.tell_pages("message", chat, {"message": message, "reply_keyboard": chat.reply_keyboard})


def post_edit(call: Call, chat: Chat, message: JsonObject, content: JsonObject, *, drop: tuple[str, ...]) -> JsonObject:
    """The message with new content in place of the fields in `drop`, and the markup of this call.

    Raises Refusal when nothing changes.
    """
    markup = read_markup(call.params)
    edited = {key: value for key, value in message.items() if key not in (*drop, "reply_markup", "edit_date")} | content
    if is_inline(markup):
        edited["reply_markup"] = markup
    if edited == {key: value for key, value in message.items() if key != "edit_date"}:
        raise bad_request(_NOT_MODIFIED)
    edited["edit_date"] = int(time.time())
    chat.messages[message["message_id"]] = edited
    call.world.tell_pages("edited", chat, {"message": edited})
    return edited


def chat_of_edit(call: Call) -> Chat:
    """Messages sent by inline queries are edited by `inline_message_id`; the sandbox's have an ordinary place."""
    if "chat_id" not in call.params:
        raise bad_request("message identifier is not specified")
    return call.chat_to_write()


def own_message(call: Call, chat: Chat) -> JsonObject:
    """The bot's message that the call is to edit. Raises Refusal for one that is gone or another's."""
    if "message_id" not in call.params:
        raise bad_request("message identifier is not specified")
    message = call.message(chat, to="edit")
    if message["from"]["id"] != call.bot.id:
        raise bad_request("message can't be edited")
    return message


def _thread(chat: Chat, params: JsonObject) -> JsonObject:
    thread = params.get("message_thread_id")
    if not thread:
        return {}
    if thread not in chat.topics:
        raise bad_request("message thread not found")
    return {"message_thread_id": thread, "is_topic_message": True}


def _reply(call: Call, chat: Chat) -> JsonObject:
    reply = call.params.get("reply_parameters") or {}
    message_id = reply.get("message_id") or call.params.get("reply_to_message_id")
    if not message_id:
        return {}
    target = chat.messages.get(int(message_id))
    if target is not None:
        quote = {"quote": {"text": reply["quote"], "position": 0}} if reply.get("quote") else {}
        return {"reply_to_message": without_reply(target)} | quote
    if reply.get("allow_sending_without_reply") or call.params.get("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def without_reply(message: JsonObject) -> JsonObject:
    """A message as it stands inside another: Telegram nests one level."""
    return {key: value for key, value in message.items() if key != "reply_to_message"}
