"""The methods of the Bot API, as aiogram knows them: which there are, and whether a request fits."""

from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import aiogram.methods
import orjson
from aiogram.methods import TelegramMethod
from aiogram.types import ForceReply, InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove
from pydantic import BaseModel, ValidationError

from kunak.integrations.telegram.sandbox.refusals import JsonObject, Refusal, bad_request

# What Telegram says when the parameter is not there.
_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "file_id": "file_id not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "audio": "there is no audio in the request",
    "voice": "there is no voice in the request",
    "video": "there is no video in the request",
    "animation": "there is no animation in the request",
    "video_note": "there is no video note in the request",
    "sticker": "there is no sticker in the request",
}

_MARKUPS: dict[str, type[BaseModel]] = {
    "inline_keyboard": InlineKeyboardMarkup,
    "keyboard": ReplyKeyboardMarkup,
    "remove_keyboard": ReplyKeyboardRemove,
    "force_reply": ForceReply,
}
# A webhook without an address is no webhook; aiogram sends no empty values.
_DEFAULTS: dict[str, JsonObject] = {"setWebhook": {"url": ""}}


class Signature:
    """One method: its name as Telegram writes it, and its parameters."""

    def __init__(self, model: type[TelegramMethod[Any]]) -> None:
        self.model = model
        self.name = model.__api_method__
        self.nested = frozenset(name for name, info in model.model_fields.items() if _is_nested(info.annotation))

    def read(self, given: JsonObject) -> JsonObject:
        """The request's parameters with plain values in their types and nested ones as JSON objects.

        Raises Refusal (400) naming the parameter that does not fit.
        """
        given = _DEFAULTS[self.name] | given if self.name in _DEFAULTS else given
        decoded = {key: self._decoded(key, value) for key, value in given.items() if value is not None}
        if isinstance(markup := decoded.get("reply_markup"), dict) and isinstance(markup.get("keyboard"), list):
            decoded["reply_markup"] = markup | {"keyboard": _with_plain_buttons(markup["keyboard"])}
        try:
            checked = self.model.model_validate(_with_checked_markup(decoded))
        except ValidationError as error:
            raise _refusal_of(error) from None
        known = self.model.model_fields
        return {
            key: value if key in self.nested else getattr(checked, key)
            for key, value in decoded.items()
            if key in known
        }

    def _decoded(self, key: str, value: Any) -> Any:
        """Forms carry nested objects as JSON text."""
        if key not in self.nested or not isinstance(value, str):
            return value
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {key} JSON object") from None


@cache
def signatures() -> dict[str, Signature]:
    """Every method of aiogram by its name in lower case: Telegram takes any case."""
    models = (getattr(aiogram.methods, name) for name in aiogram.methods.__all__)
    return {
        model.__api_method__.lower(): Signature(model)
        for model in models
        if isinstance(model, type) and issubclass(model, TelegramMethod) and model is not TelegramMethod
    }


def _with_checked_markup(params: JsonObject) -> JsonObject:
    """The markup checked as the one kind its key tells: aiogram's `ForceReply` lets any other pass for itself."""
    markup = params.get("reply_markup")
    if not isinstance(markup, dict):
        return params
    kind = next((model for key, model in _MARKUPS.items() if key in markup), None)
    if kind is None:
        return params
    try:
        return params | {"reply_markup": kind.model_validate(markup)}
    except ValidationError as error:
        raise _refusal_of(error, "reply_markup") from None


def _with_plain_buttons(rows: list[Any]) -> list[Any]:
    """A reply button of text alone may be given as that text."""
    return [
        [{"text": button} if isinstance(button, str) else button for button in row] if isinstance(row, list) else row
        for row in rows
    ]


def _is_nested(annotation: Any) -> bool:
    """Whether values of this type are objects or arrays in JSON."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_nested(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return any(_is_nested(part) for part in get_args(annotation))
    if origin in (list, dict):
        return True
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _refusal_of(error: ValidationError, *within: str) -> Refusal:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    location = (*within, *first["loc"])
    if not location:
        return bad_request("the request has a wrong form")
    top = str(location[0])
    if first["type"] == "missing" and len(location) == 1:
        return bad_request(_MISSING.get(top, f'parameter "{top}" is required'))
    # Names of classes in the path are how pydantic tells a union's branches apart; the sender never wrote them.
    path = ".".join(str(part) for part in location if isinstance(part, int) or part.islower())
    problem = "is required" if first["type"] == "missing" else "has a wrong value"
    return bad_request(f'field "{path or top}" {problem}')
