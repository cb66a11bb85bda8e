"""Who may speak to the sandbox: programs of this machine, and pages it served itself."""

import ipaddress

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_BODY_TYPES = ("application/json", "multipart/form-data")


class HostGuard:
    """Refuses names in the Host header that are not ours: a foreign page may point its own name to this machine.

    Unless the sandbox is public, other machines are refused too, whatever name they use.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: frozenset[str], *, is_public: bool) -> None:
        self._app = app
        self._allowed = allowed_hosts
        self._is_public = is_public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not (self._is_ours(scope) and (self._is_public or _is_from_here(scope))):
            refusal = {"ok": False, "error_code": 421, "description": "Misdirected Request: unknown host name"}
            await JSONResponse(refusal, 421)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"host":
                host = value.decode("latin-1").lower()
                return (host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host) in self._allowed
        return False


def _is_from_here(scope: Scope) -> bool:
    client = scope.get("client")
    return client is None or ipaddress.ip_address(client[0]).is_loopback


def is_from_our_page(request: Request) -> bool:
    """Whether a request that changes something may do so: not one a foreign page made the browser send.

    Browsers put `Origin` on those; a program sends none. JSON from elsewhere would need a permission we never give,
    and types a plain HTML form can send without asking are not taken, but for uploads, which `Origin` covers.
    """
    if request.headers.get("content-type", "application/json").partition(";")[0].strip() not in _BODY_TYPES:
        return False
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")
