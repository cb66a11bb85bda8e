"""What a running Kunak is made of, and how whoever runs it gets it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, cast

from starlette.types import ASGIApp

from kunak.foundation.settings import Settings

Background = Callable[[asyncio.Event], Awaitable[None]]
"""Work that goes on until the event is set, and then finishes or gives back what it holds."""


@dataclass(frozen=True)
class Parts:
    """All of it: three web apps, the work beside them, and where the sandbox is, when it is on."""

    api: ASGIApp
    bot: ASGIApp
    web: ASGIApp
    background: list[Background] = field(default_factory=list)
    sandbox: str | None = None
    """Path under the web address."""


@dataclass(frozen=True)
class Part:
    """One process by itself. The app of one that serves nobody is its health."""

    app: ASGIApp
    background: list[Background] = field(default_factory=list)


class OpensParts(Protocol):
    """The module that opens them all. It imports for seconds (aiogram's models), so: late, and in a thread."""

    def open_parts(self, settings: Settings, database_url: str, address: str) -> AbstractAsyncContextManager[Parts]:
        """`address`: of the one port; nothing answers there before the parts are open."""


class OpensPart(Protocol):
    """The module that opens one of them; without the sandbox, so that a process by itself stays small."""

    def open_part(self, name: str, settings: Settings, database_url: str) -> AbstractAsyncContextManager[Part]:
        """`name`: api, bot, web, worker or ingest."""


def start_importing(module: str) -> "asyncio.Future[OpensParts]":
    """In a thread of its own: those of asyncio are waited for at the end, and an import cannot be broken off."""
    done: Future[OpensParts] = Future()
    done.set_running_or_notify_cancel()
    threading.Thread(target=_import_all, args=(module, done), name="importing").start()
    return asyncio.wrap_future(done)


def import_one(module: str) -> OpensPart:
    """Blocking."""
    return cast(OpensPart, import_module(module))


def _import_all(module: str, done: "Future[OpensParts]") -> None:
    try:
        done.set_result(cast(OpensParts, import_module(module)))
    except BaseException as error:  # noqa: BLE001  raised where the result is waited for
        done.set_exception(error)
