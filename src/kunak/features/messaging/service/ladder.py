"""When Telegram refuses the form of a message, it is said in a plainer one: rich, formatted, plain.

A refused message was not said, so saying it in another form repeats nothing.
"""

import re
from typing import Any

from kunak.features.bots.schemas import Answers
from kunak.features.messaging.schemas import Delivery, Say
from kunak.integrations.telegram.interface import TelegramRefusedError

_FORM = re.compile(r"entit|can't parse", re.IGNORECASE)
_RICH_FORM = re.compile(
    r"rich|entit|can't parse|not supported|unsupported|method not found|block|table|nested|too long|too many|tag ",
    re.IGNORECASE,
)
_FORMS = ("entities", "caption_entities", "parse_mode")


def in_form(answers: Answers, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a call as its bot says things."""
    return _plain(params) if answers is Answers.PLAIN else params


def one_step_down(delivery: Delivery, error: Exception) -> Say | None:
    """How to say it when it was refused for its form; None when that was not the cause, or nothing is plainer."""
    if not isinstance(error, TelegramRefusedError):
        return None
    if delivery.instead is not None:
        return delivery.instead if _RICH_FORM.search(str(error)) else None
    plain = _plain(delivery.params)
    return Say(delivery.method, plain) if plain != delivery.params and _FORM.search(str(error)) else None


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name not in _FORMS}
