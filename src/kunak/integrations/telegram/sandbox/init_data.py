"""Opening a Mini App: its address with `initData` signed as Telegram signs it."""

import base64
import hashlib
import hmac
import secrets
import time
from urllib.parse import quote, urlencode

import orjson

from kunak.integrations.telegram.sandbox.addresses import split_address
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot

_VERSION = "9.6"
_THEME = {
    "bg_color": "#ffffff",
    "text_color": "#000000",
    "hint_color": "#707579",
    "link_color": "#3390ec",
    "button_color": "#3390ec",
    "button_text_color": "#ffffff",
    "secondary_bg_color": "#f4f4f5",
}


def mini_app_url(
    url: str,
    bot: SandboxBot,
    person: Person,
    chat: Chat,
    *,
    start_param: str | None = None,
    platform: str = "weba",
    theme: JsonObject | None = None,
) -> str:
    """The address with everything a Mini App finds in its fragment. Raises Refusal for what is no web address."""
    if split_address(url).scheme not in ("http", "https"):
        raise bad_request("a Mini App has an http or https address")
    fields = {
        "query_id": base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("="),
        "user": orjson.dumps(_user(person)).decode(),
        "chat_instance": str(chat.id),
        "chat_type": "sender" if chat.is_private else "supergroup",
        "auth_date": str(int(time.time())),
        # Telegram's second signature is made with a key of its own; here it only takes part in the first.
        "signature": base64.urlsafe_b64encode(secrets.token_bytes(64)).decode().rstrip("="),
    }
    if start_param:
        fields["start_param"] = start_param
    fragment = {
        "tgWebAppData": urlencode(fields | {"hash": sign(fields, bot.token)}, quote_via=quote),
        "tgWebAppVersion": _VERSION,
        "tgWebAppPlatform": platform,
        "tgWebAppThemeParams": orjson.dumps(theme or _THEME).decode(),
    }
    return f"{url}{'&' if '#' in url else '#'}{urlencode(fragment, quote_via=quote)}"


def sign(fields: dict[str, str], token: str) -> str:
    """The `hash` over all fields: HMAC-SHA256 of the sorted lines, keyed by the HMAC of the token."""
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()


def _user(person: Person) -> JsonObject:
    names = ("id", "first_name", "last_name", "username", "language_code", "is_premium")
    known = {name: person.profile[name] for name in names if name in person.profile}
    return {"last_name": "", **known, "allows_write_to_pm": True}
