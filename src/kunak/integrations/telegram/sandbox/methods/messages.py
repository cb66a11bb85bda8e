"""Messages of text: sent, edited, deleted."""

from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.composing import chat_of_edit, own_message, post, post_edit
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.rich import read_rich_message
from kunak.integrations.telegram.sandbox.state import Chat
from kunak.integrations.telegram.sandbox.texts import read_text

_MOST_AT_ONCE = 100


@acts("sendMessage")
def send_message(call: Call) -> Answer:
    content = read_text(call, call.params)  # Telegram reads the text before it looks for the chat
    return post(call, call.chat_to_write(), content)


@acts("sendRichMessage")
def send_rich_message(call: Call) -> Answer:
    chat = call.chat_to_write()
    return post(call, chat, {"rich_message": _rich(call)})


@acts("editMessageText")
def edit_text(call: Call) -> Answer:
    chat = chat_of_edit(call)
    message = own_message(call, chat)
    if "text" not in message and "rich_message" not in message:
        raise bad_request("there is no text in the message to edit")
    content = {"rich_message": _rich(call)} if "rich_message" in call.params else read_text(call, call.params)
    return post_edit(call, chat, message, content, drop=("text", "entities", "rich_message"))


@acts("editMessageReplyMarkup")
def edit_markup(call: Call) -> Answer:
    chat = chat_of_edit(call)
    return post_edit(call, chat, own_message(call, chat), {}, drop=())


@acts("deleteMessage")
def delete_message(call: Call) -> Answer:
    chat = call.chat()
    _delete(call, chat, call.message(chat, to="delete"))
    return True


@acts("deleteMessages")
def delete_messages(call: Call) -> Answer:
    """As Telegram: those that cannot be found are passed over."""
    chat, ids = call.chat(), call.params["message_ids"]
    if not 0 < len(ids) <= _MOST_AT_ONCE:
        raise bad_request("message identifiers are not specified" if not ids else "too many message identifiers")
    for message in [chat.messages[message_id] for message_id in dict.fromkeys(ids) if message_id in chat.messages]:
        _delete(call, chat, message)
    return True


def _rich(call: Call) -> JsonObject:
    return read_rich_message(call.world.files, call.files, call.params["rich_message"])


def _delete(call: Call, chat: Chat, message: JsonObject) -> None:
    sender = message["from"]["id"]
    if not chat.is_private and sender != call.bot.id and call.bot.id not in chat.admins:
        raise bad_request("message can't be deleted")
    del chat.messages[message["message_id"]]
    chat.forget_traces(message["message_id"])
    call.world.tell_pages("deleted", chat, {"message_id": message["message_id"]})
