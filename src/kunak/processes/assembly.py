"""What a running Kunak is made of, and how whoever runs it gets it."""

import asyncio
from collections.abc import Awaitable, Callable
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


def import_all(module: str) -> OpensParts:
    """Blocking."""
    return cast(OpensParts, import_module(module))


def import_one(module: str) -> OpensPart:
    """Blocking."""
    return cast(OpensPart, import_module(module))
