"""Telegram channels by their public preview: the newest page, what was missed since the last visit, then older pages.

One road for what is new and for what is old. The cursor:

newest, oldest   the highest and the lowest number seen
gaps             [before, until]: stretches between visits, from the top down, that are still to be read
kept             posts of the past read so far
complete         the past is read as far as it was asked for
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any

from kunak.features.ingestion.compose import external_id
from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.formats.telegram_preview import ChannelPage, read_channel_body
from kunak.features.ingestion.schemas import Post, Source, Step
from kunak.foundation.clock import now
from kunak.integrations.web_pages.interface import FetchOptions

_WIDEST = 5000
"""Numbers between two posts that are taken one by one for deleted posts."""


async def read_channel_steps(source: Source, outside: Outside) -> AsyncGenerator[Step, None]:
    """A page a step. What is broken off goes on: gaps and the past are read from where the cursor says."""
    reader = _Reader(source, outside)
    yield await reader.read_top()
    while step := await reader.read_gap():
        yield step
    while step := await reader.read_past():
        yield step


class _Reader:
    def __init__(self, source: Source, outside: Outside) -> None:
        self._source = source
        self._outside = outside
        self._address = f"{outside.telegram_base.rstrip('/')}/s/{source.key}"
        self._cursor: dict[str, Any] = dict(source.cursor)

    async def read_top(self) -> Step:
        page = await self._fetch()
        cursor = self._cursor
        if page.numbers:
            low, high = page.numbers[0], page.numbers[-1]
            newest = cursor.get("newest")
            if newest is None:
                cursor |= {"newest": high, "oldest": low, "gaps": [], "kept": len(page.posts)}
                self._look_whether_complete(page.posts, low)
            else:
                if low > newest + 1:
                    cursor["gaps"] = [*cursor["gaps"], [low, newest]]
                cursor["newest"] = max(high, newest)
        return self._step(page)

    async def read_gap(self) -> Step | None:
        """The next page of the newest gap."""
        if not self._cursor.get("gaps"):
            return None
        *others, (before, until) = self._cursor["gaps"]
        page = await self._fetch(before)
        low = page.numbers[0] if page.numbers else until
        # A server that shows the same page again and again must not keep us forever.
        closed = low <= until + 1 or low >= before
        self._cursor["gaps"] = others if closed else [*others, [low, until]]
        return self._step(page, below=before)

    async def read_past(self) -> Step | None:
        """The next page of what was there before the source was added."""
        cursor = self._cursor
        if cursor.get("complete") or "oldest" not in cursor:
            return None
        before = int(cursor["oldest"])
        page = await self._fetch(before)
        low = page.numbers[0] if page.numbers else before
        cursor["kept"] += len(page.posts)
        if low < before:
            cursor["oldest"] = low
            self._look_whether_complete(page.posts, low)
        else:
            cursor["complete"] = True
        return self._step(page, below=before)

    def _look_whether_complete(self, posts: Sequence[Post], low: int) -> None:
        enough = self._cursor["kept"] >= self._source.options.backfill
        self._cursor["complete"] = enough or low <= 1 or self._is_too_old(posts)

    def _is_too_old(self, posts: Sequence[Post]) -> bool:
        if self._source.keep_days is None or not posts:
            return False
        since = now() - timedelta(days=self._source.keep_days)
        return all(post.time is not None and post.time < since for post in posts)

    async def _fetch(self, before: int | None = None) -> ChannelPage:
        address = self._address if before is None else f"{self._address}?before={before}"
        page = await self._outside.web.fetch(address, FetchOptions(heed_robots=self._source.options.heed_robots))
        return await self._outside.call(read_channel_body, page.body, page.content_type)

    def _step(self, page: ChannelPage, *, below: int | None = None) -> Step:
        gone = _missing(page, below)
        names = tuple(external_id(self._source.name, Post(id=str(number), text="")) for number in gone)
        return Step(dict(self._cursor), page.posts, names)


def _missing(page: ChannelPage, below: int | None) -> list[int]:
    """Numbers inside the page's stretch that are not on it: no posts, or posts that were deleted."""
    if not page.is_whole:
        return []
    low, high = page.numbers[0], page.numbers[-1]
    end = high if below is None or below <= high else below - 1
    present = set(page.numbers)
    # The parts of an album belong to its first post, and are on the page with it.
    return [number for number in range(low, end + 1) if number not in present] if end - low <= _WIDEST else []
