"""One request at a time for each host, a pause between them, and none while a host has asked to be left alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from kunak.integrations.web_pages.interface import PageUnavailableError, Turns

_MOST_HOSTS = 1000
_LONGEST_PAUSE_S = 60.0
"""A site's Crawl-delay counts up to here."""


@dataclass
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    closed_until: float = 0.0


class Politeness:
    """Turns at each host: among our own requests, and with `turns` among those of all processes."""

    def __init__(self, pause_s: float, turns: Turns | None = None) -> None:
        self._pause_s = pause_s
        self._turns = turns
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, *, crawl_delay_s: float | None = None) -> AsyncIterator[None]:
        """The block is the only one that asks `host` for something.

        Raises:
            PageUnavailableError: the host has asked us to come back later.
        """
        known = self._know(host)
        pause = max(self._pause_s, min(crawl_delay_s or 0.0, _LONGEST_PAUSE_S))
        async with known.lock, AsyncExitStack() as stack:
            now = time.monotonic()
            _check_open(host, known.closed_until - now)
            await asyncio.sleep(known.free_at - now)
            if self._turns is not None:
                _check_open(host, await stack.enter_async_context(self._turns.turn(host, pause_s=pause)))
            try:
                yield
            finally:
                known.free_at = time.monotonic() + pause

    async def close_for(self, host: str, seconds: float) -> None:
        """Leave `host` alone for so long."""
        self._know(host).closed_until = time.monotonic() + seconds
        if self._turns is not None:
            await self._turns.close(host, seconds)

    def _know(self, host: str) -> _Host:
        if len(self._hosts) > _MOST_HOSTS:
            now = time.monotonic()
            busy = {
                name: each
                for name, each in self._hosts.items()
                if each.lock.locked() or max(each.free_at, each.closed_until) > now
            }
            self._hosts = busy
        return self._hosts.setdefault(host, _Host())


def _check_open(host: str, closed_s: float) -> None:
    if closed_s > 0:
        raise PageUnavailableError(f"{host} has asked us to come back later.", retry_after=closed_s)
