"""So many requests a minute from one address, and the others are asked to come back."""

import ipaddress
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kunak.foundation.counting.interface import Counted, Counter
from kunak.foundation.language.words import words_in
from kunak.foundation.web.json_errors import ErrorBody, ErrorDetails, json_error
from kunak.foundation.web.preferences import from_accept_language
from kunak.foundation.web.request_id import request_id_of

WINDOW_S = 60
_POLICY = '"address"'


class RateLimit:
    """ASGI middleware: 429 for more than `most` requests under `path` from one address in a window of the counter's.

    The address is the connection's, which the server sets from `X-Forwarded-For` for trusted proxies only.
    """

    def __init__(self, app: ASGIApp, *, most: int, path: str, counter: Counter) -> None:
        self.app = app
        self._most, self._path, self._counter = most, path, counter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._path):
            await self.app(scope, receive, send)
            return
        counted = await self._counter.count(f"api:{address_of(scope)}")
        headers = self._headers(counted)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        app = self.app if counted.count <= self._most else _refusal(scope, counted)
        await app(scope, receive, send_with_headers)

    def _headers(self, counted: Counted) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them."""
        left = max(0, self._most - counted.count)
        return {
            "RateLimit-Policy": f"{_POLICY};q={self._most};w={WINDOW_S}",
            "RateLimit": f"{_POLICY};r={left};t={counted.ends_in_s}",
        }


def _refusal(scope: Scope, counted: Counted) -> ASGIApp:
    words = words_in(from_accept_language(Headers(scope=scope).get("Accept-Language", "")))
    sentence = words.ngettext(
        "Too many requests. Try again in %(n)s second.", "Too many requests. Try again in %(n)s seconds.",
        counted.ends_in_s,
    )  # fmt: skip
    details = ErrorDetails(status=HTTPStatus.TOO_MANY_REQUESTS, message=sentence, request_id=request_id_of(scope))
    headers = {"Retry-After": str(counted.ends_in_s), "Content-Language": words.language.value}
    return json_error(ErrorBody(error=details), headers)


def address_of(scope: Scope) -> str:
    """Who asks: an IPv4 address, or the first 64 bits of an IPv6 one, of which each household has 2⁶⁴."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
