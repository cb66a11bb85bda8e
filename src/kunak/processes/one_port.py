"""One port for everything, as the reverse proxy does it: `/api/*`, `/bot*`, and the rest."""

import asyncio
import contextlib
import errno
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kunak.foundation.errors import ConflictError, InvalidInputError
from kunak.foundation.settings import Settings
from kunak.foundation.web.own_hosts import OwnHosts, is_loopback

SERVER = "kunak"
DRAIN_S = 2.0
"""How long requests under way may take when we stop; long polls and event streams would never end by themselves."""


@dataclass(frozen=True)
class OnePort:
    """An ASGI app that hands each request to the process it is meant for, unchanged."""

    api: ASGIApp
    bot: ASGIApp
    web: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._choose(scope["path"])(scope, receive, send)

    def _choose(self, path: str) -> ASGIApp:
        if path == "/api" or path.startswith("/api/"):
            return self.api
        return self.bot if path.startswith("/bot") else self.web


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals are the lifetime's: uvicorn would raise them anew while we clean up


class _Requests:
    """Knows the requests under way, so that they can be broken off with an answer and without a traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        task = asyncio.current_task()
        assert task  # noqa: S101  every request runs in one
        self._tasks.add(task)
        try:
            await self._app(scope, receive, watched_send)
        except asyncio.CancelledError:
            if not self._ending:
                raise
            await _end(scope, receive, send, started=started)
        finally:
            self._tasks.discard(task)

    def break_off(self) -> None:
        self._ending = True
        for task in self._tasks:
            task.cancel()


async def _end(scope: Scope, receive: Receive, send: Send, *, started: bool) -> None:
    if not started:
        await PlainTextResponse("Kunak is stopping.", HTTPStatus.SERVICE_UNAVAILABLE)(scope, receive, send)
    elif scope["type"] == "http":
        with contextlib.suppress(RuntimeError):  # a length was promised: the connection is simply closed
            await send({"type": "http.response.body", "body": b""})


def listen(host: str, port: int) -> socket.socket:
    """Takes the port; requests wait in it until they are served.

    Raises:
        ConflictError: it is taken, and by whom, as far as that can be told.
        InvalidInputError: the address is not ours, or the port needs rights we do not have.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(2048)
    except OSError as error:
        taken.close()
        raise _explain(error, host, port) from error
    return taken


def web_address(listening: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = listening.getsockname()[:2]
    return _address({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)  # noqa: S104  compared, not bound


def for_own_hosts(app: ASGIApp, settings: Settings) -> ASGIApp:
    """`app` as people of this machine may use it; on an address that others reach, as anybody may."""
    if not is_loopback(settings.host):
        return app
    named = [urlsplit(settings.public_url or "").hostname or "", *settings.sandbox_hosts.split(",")]
    return OwnHosts(app, [name.strip() for name in named if name.strip()])


async def serve(app: ASGIApp, listening: socket.socket, stop: asyncio.Event, *, trusted_proxies: str) -> None:
    """Answers requests until `stop`, then finishes those under way, for a few seconds at most.

    `trusted_proxies`: addresses and networks, comma between, whose word on who asks and how is believed.
    """
    requests = _Requests(app)
    server = _Server(
        uvicorn.Config(
            requests,
            log_config=None,
            access_log=False,
            lifespan="off",  # what the apps need is opened and closed around them
            server_header=False,
            headers=[("Server", SERVER)],
            forwarded_allow_ips=trusted_proxies,
            timeout_graceful_shutdown=int(DRAIN_S) + 1,
        )
    )
    serving = asyncio.create_task(server.serve([listening]))
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait([serving, asked], return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    server.should_exit = True
    await asyncio.wait([serving], timeout=DRAIN_S)
    requests.break_off()
    await serving


def _explain(error: OSError, host: str, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        if _is_kunak(host, port):
            return ConflictError(
                f"Another Kunak already answers at {_address(host, port)}. "
                "Open it there, stop it, or choose another port with --port."
            )
        return ConflictError(f"Port {port} is taken by another program. Choose another with --port.")
    if error.errno == errno.EACCES:
        return InvalidInputError(
            f"Port {port} needs rights that this user does not have. Choose one over 1023 with --port."
        )
    return InvalidInputError(f"Kunak cannot listen on {host}, port {port}: {error.strerror or error}.")


def _is_kunak(host: str, port: int) -> bool:
    try:
        with urllib.request.urlopen(f"{_address(host, port)}/healthz", timeout=1) as answer:  # noqa: S310  our own words
            return bool(answer.headers.get("Server") == SERVER)
    except urllib.error.HTTPError as error:
        return error.headers.get("Server") == SERVER
    except (OSError, ValueError):
        return False


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
