"""Which names we answer to.

A foreign page may point its own name to this machine and read what we answer its visitor (DNS rebinding). So while we
listen on this machine only, a request must name this machine, or the address under which we are known.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_REFUSAL = "421: this name is not ours. If it should be, set KUNAK_PUBLIC_URL to the address people use.\n"


class OwnHosts:
    """ASGI middleware: 421 for requests that name another host. `names`: without port."""

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self.app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_ours(Headers(scope=scope).get("host", "")):
            await PlainTextResponse(_REFUSAL, 421)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        name = (urlsplit(f"//{host}").hostname or "").lower()
        return name in self._names or is_loopback(name)


def is_loopback(name: str) -> bool:
    """Whether a host name or address can only be this machine."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
