"""Messages sent on: forwarded with their origin, or copied without."""

from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.composing import post
from kunak.integrations.telegram.sandbox.media import file_in
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.state import Chat
from kunak.integrations.telegram.sandbox.texts import read_caption

_OF_PLACE = ("message_id", "from", "chat", "date", "edit_date", "reply_to_message", "quote", "reply_markup")
_OF_THREAD = ("message_thread_id", "is_topic_message", "media_group_id", "via_bot", "has_protected_content")
_SERVICE = ("new_chat_members", "left_chat_member", "pinned_message", "forum_topic_created", "web_app_data")


@acts("forwardMessage")
def forward(call: Call) -> Answer:
    target, source = call.chat_to_write(), call.chat("from_chat_id")
    return _forward(call, target, _sendable(source, call.params["message_id"], "forward"))


@acts("forwardMessages")
def forward_many(call: Call) -> Answer:
    target, messages = call.chat_to_write(), _those_found(call, "forward")
    return [{"message_id": _forward(call, target, message)["message_id"]} for message in messages]


@acts("copyMessage")
def copy(call: Call) -> Answer:
    target, source = call.chat_to_write(), call.chat("from_chat_id")
    message = _sendable(source, call.params["message_id"], "copy")
    content = _content(message)
    if "caption" in call.params and file_in(message) is not None:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= read_caption(call, call.params)
    return {"message_id": post(call, target, content)["message_id"]}


@acts("copyMessages")
def copy_many(call: Call) -> Answer:
    target, messages = call.chat_to_write(), _those_found(call, "copy")
    return [{"message_id": post(call, target, _content(message))["message_id"]} for message in messages]


def _forward(call: Call, target: Chat, message: JsonObject) -> JsonObject:
    first = message.get("forward_origin")
    origin = first or {"type": "user", "sender_user": message["from"], "date": message["date"]}
    return post(call, target, _content(message) | {"forward_origin": origin})


def _those_found(call: Call, what: str) -> list[JsonObject]:
    """As Telegram: messages that cannot be sent on are passed over."""
    source = call.chat("from_chat_id")
    found = [source.messages[number] for number in call.params["message_ids"] if number in source.messages]
    sendable = [message for message in found if _can_be_sent_on(message)]
    if not sendable:
        raise bad_request(f"there are no messages to {what}")
    return sendable


def _sendable(source: Chat, message_id: int, what: str) -> JsonObject:
    message = source.messages.get(message_id)
    if message is None:
        raise bad_request(f"message to {what} not found")
    if not _can_be_sent_on(message):
        raise bad_request(f"message can't be {'copied' if what == 'copy' else 'forwarded'}")
    return message


def _can_be_sent_on(message: JsonObject) -> bool:
    return not message.get("has_protected_content") and not any(kind in message for kind in _SERVICE)


def _content(message: JsonObject) -> JsonObject:
    return {key: value for key, value in message.items() if key not in (*_OF_PLACE, *_OF_THREAD)}
