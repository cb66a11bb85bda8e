"""Reads what Telegram sends, without believing it: an update is kept whole, and only its address is looked at here."""

from dataclasses import dataclass
from typing import Any

import orjson

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.telegram.json_reading import read_json

# Every kind of Bot API 10.3. Telegram remembers the list it was given last, so all are named each time.
UPDATE_KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "subscription",
    "stopped_message_generation",
)
UNKNOWN_KIND = "unknown"
UNREADABLE_KIND = "unreadable"
_INT64 = 2**63


@dataclass(frozen=True)
class Envelope:
    """An update and where it belongs: `chat_id` is the chat, else the person, else 0.

    Of one that cannot be kept (it is nested too deep for our JSON) the kind is `UNREADABLE_KIND` and only its id is
    left: refused, it would come again without end.
    """

    update_id: int
    kind: str
    chat_id: int
    payload: dict[str, Any]


def parse_update(body: bytes) -> Envelope:
    """The update in the body of a webhook call.

    Raises:
        InvalidInputError: not JSON in UTF-8, or not an update.
    """
    try:
        update = read_json(body)
    except ValueError as error:
        raise InvalidInputError("The body is not JSON in UTF-8.") from error
    return read_update(update)


def read_update(update: Any) -> Envelope:
    """The address of an update.

    Raises:
        InvalidInputError: there is no `update_id`, or it is not a number Telegram could have sent.
    """
    if not isinstance(update, dict) or not _is_id(update.get("update_id")):
        raise InvalidInputError("This is not an update: it has no update_id.")
    if not _can_be_kept(update):
        return Envelope(update["update_id"], UNREADABLE_KIND, 0, {"update_id": update["update_id"]})
    kind = next((key for key in update if key in UPDATE_KINDS), None)
    if kind is None:
        kind = next((key for key in update if key != "update_id"), UNKNOWN_KIND)[:64].replace("\0", "")
    return Envelope(update["update_id"], kind, _chat_of(update.get(kind)), update)


def _can_be_kept(update: dict[str, Any]) -> bool:
    try:
        orjson.dumps(update)
    except TypeError:
        return False
    return True


def _chat_of(content: Any) -> int:
    if not isinstance(content, dict):
        return 0
    message = content.get("message")
    inner = message if isinstance(message, dict) else {}
    for place in (content.get("chat"), inner.get("chat"), content.get("from"), content.get("user")):
        if isinstance(place, dict) and _is_id(place.get("id")):
            return int(place["id"])
    return 0


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64
