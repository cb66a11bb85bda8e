"""Connections that are kept between requests: the server may have closed one just when the next request goes out.

Such a request was read by nobody, and is sent again. One that the server had been at for a while is not: whoever is
paid for answers would be paid twice.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar

import aiohttp

Result = TypeVar("Result")

_AT_ONCE_S = 0.3
"""A way to the other side of the world and back; hardly any model has begun by then."""


@dataclass
class Sending:
    """One request on its way, to be given along as its `trace_request_ctx`."""

    over_kept_at: float | None = None
    """When it was given to a connection that had served before; None: the connection is new."""

    @property
    def broke_at_once(self) -> bool:
        """Over a kept connection, that is: of a new one nobody can say that it was closed long ago."""
        return self.over_kept_at is not None and _clock() - self.over_kept_at < _AT_ONCE_S


def watch() -> aiohttp.TraceConfig:
    """For the session whose requests carry a `Sending`."""
    trace = aiohttp.TraceConfig()
    trace.on_connection_reuseconn.append(_note_kept)
    return trace


async def send_again_if_closed(send: Callable[[Sending], Awaitable[Result]]) -> Result:
    """What `send` answers; again, on another connection, when the kept one breaks at once."""
    sending = Sending()
    try:
        return await send(sending)
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
        if not sending.broke_at_once:
            raise
        return await send(Sending())


async def _note_kept(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
    context.trace_request_ctx.over_kept_at = _clock()


def _clock() -> float:
    return time.monotonic()
