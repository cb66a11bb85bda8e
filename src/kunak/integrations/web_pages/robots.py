"""What sites ask of programs in their robots.txt, remembered for a day."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from kunak.integrations.web_pages.interface import Page, PageRefusedError, PageUnfitError

_KEEP_S = 86_400.0
_MOST_SITES = 1000
LARGEST = 500 * 1024
"""Bytes; as the standard (RFC 9309) says. What is larger tells nothing."""


@dataclass(frozen=True)
class _Known:
    rules: Protego
    until: float


class Robots:
    """Asks each site once a day. `agent`: the name by which rules may call us."""

    def __init__(self, agent: str, fetch: Callable[[str], Awaitable[Page]]) -> None:
        self._agent = agent
        self._fetch = fetch
        self._sites: dict[str, _Known] = {}

    async def permit(self, address: str) -> bool:
        """Whether the site of `address` lets us read it.

        Raises:
            PageUnavailableError: the site does not answer; the standard says to stay away meanwhile.
        """
        return bool((await self._rules(address)).can_fetch(address, self._agent))

    async def crawl_delay(self, address: str) -> float | None:
        """Seconds the site of `address` wants between two requests."""
        delay = (await self._rules(address)).crawl_delay(self._agent)
        return None if delay is None else float(delay)

    async def _rules(self, address: str) -> Protego:
        parts = urlsplit(address)
        site = f"{parts.scheme}://{parts.netloc}"
        known = self._sites.get(site)
        if known is None or known.until < time.monotonic():
            if len(self._sites) >= _MOST_SITES:
                self._sites.clear()
            known = _Known(Protego.parse(await self._read(site)), time.monotonic() + _KEEP_S)
            self._sites[site] = known
        return known.rules

    async def _read(self, site: str) -> str:
        try:
            page = await self._fetch(f"{site}/robots.txt")
        except (PageRefusedError, PageUnfitError):
            return ""  # no rules, or none that can be read: all is permitted
        return page.body.decode("utf-8", "replace").replace("\0", "")
