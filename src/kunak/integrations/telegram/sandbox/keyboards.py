"""Keyboards under messages: what Telegram refuses in them."""

from kunak.integrations.telegram.sandbox.addresses import is_loopback, split_address
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request

_LONGEST_CALLBACK_DATA = 64
_MOST_BUTTONS = 100
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)


def read_markup(params: JsonObject) -> JsonObject | None:
    """The checked `reply_markup`, without empty fields; None when there is none."""
    markup = params.get("reply_markup")
    if not markup:
        return None
    if "inline_keyboard" in markup:
        rows = [[read_button(button) for button in row] for row in markup["inline_keyboard"] if row]
        if sum(map(len, rows)) > _MOST_BUTTONS:
            raise bad_request("too many buttons in the inline keyboard")
        return {"inline_keyboard": rows} if rows else None
    for row in markup.get("keyboard") or ():
        for button in row:
            check_web_app(button, "keyboard button")
    return dict(markup)


def is_inline(markup: JsonObject | None) -> bool:
    return markup is not None and "inline_keyboard" in markup


def read_button(given: JsonObject) -> JsonObject:
    """An inline button without its empty fields. Raises Refusal for what Telegram does not take."""
    button = {key: value for key, value in given.items() if value is not None}
    if not button["text"] or not str(button["text"]).strip():
        raise bad_request("can't parse inline keyboard button: Text must be non-empty")
    if not any(action in button for action in _ACTIONS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 0 < len(button["callback_data"].encode()) <= _LONGEST_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button:
        _check_url(button["url"])
    check_web_app(button, "inline keyboard button")
    return button


def _check_url(url: str) -> None:
    parts = split_address(url if "://" in url else f"http://{url}")
    if parts.scheme not in ("http", "https", "tg", "ton"):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    host = parts.hostname or ""
    # Telegram knows no way to a bare name; the sandbox's own pages live on this machine.
    if parts.scheme.startswith("http") and "." not in host and not is_loopback(host):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def check_web_app(button: JsonObject | str, where: str) -> None:
    """Raises Refusal for a Mini App that is neither https nor on this machine."""
    if not isinstance(button, dict) or not button.get("web_app"):
        return
    url = button["web_app"]["url"]
    parts = split_address(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise bad_request(f"{where} Web App URL '{url}' is invalid: Only HTTPS links are allowed")
