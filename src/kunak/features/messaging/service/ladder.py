"""When Telegram refuses the form of a message, it is said in a plainer one: rich, formatted, plain.

A refused message was not said, so saying it in another form repeats nothing.
"""

import re
from typing import Any

from kunak.features.bots.schemas import Answers
from kunak.features.messaging.schemas import Delivery, Say
from kunak.features.messaging.service.previews import to_replacing
from kunak.integrations.telegram.interface import TelegramRefusedError

_FORM = re.compile(r"entit|can't parse", re.IGNORECASE)
_RICH_FORM = re.compile(
    r"rich|entit|can't parse|not supported|unsupported|method not found|block|table|nested|too long|too many|tag ",
    re.IGNORECASE,
)
_BAD_REQUEST = 400
_FORMS = ("entities", "caption_entities", "parse_mode")


def in_form(answers: Answers, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a call as its bot says things."""
    return _plain(params) if answers is Answers.PLAIN else params


def one_step_down(delivery: Delivery, error: Exception) -> Say | None:
    """How to say it when it was refused for its form; None when that was not the cause, or nothing is plainer."""
    if not isinstance(error, TelegramRefusedError):
        return None
    if delivery.method == "editMessageText" and delivery.instead is not None:
        return _instead_of_edit(delivery, delivery.instead, error)
    if delivery.instead is not None:
        return delivery.instead if _RICH_FORM.search(str(error)) else None
    plain = _plain(delivery.params)
    return Say(delivery.method, plain) if plain != delivery.params and _FORM.search(str(error)) else None


def _instead_of_edit(delivery: Delivery, whole: Say, error: TelegramRefusedError) -> Say | None:
    """An answer that was to replace its preview: the same edit in a plainer form; `whole`, as a message of its own,
    when the preview is gone or may not be edited.
    """
    if whole.instead is not None and "rich_message" in delivery.params and _RICH_FORM.search(str(error)):
        return to_replacing(whole.instead, delivery.params["message_id"])
    plain = _plain(delivery.params)
    if plain != delivery.params and _FORM.search(str(error)):
        return Say(delivery.method, plain, instead=whole)
    return whole if error.code == _BAD_REQUEST else None


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name not in _FORMS}
