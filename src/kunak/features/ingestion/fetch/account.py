"""Telegram channels by the logged-in account: what happened since the last visit, what was missed, then older messages.

One road for what is new and for what is old. Telegram counts the events of a channel (`pts`) and tells those after any
count it still remembers: new messages, edits, deletions. The cursor:

channel, access_hash, account   by what the channel is asked for; the hash is good for one account only
pts                             events known; missing where the server does not count
newest, oldest                  the highest and the lowest number seen
gaps                            [before, until]: stretches that are still to be read, or to be read again
kept                            posts of the past read so far
complete                        the past is read as far as it was asked for
albums                          the channel has albums
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any

from kunak.features.ingestion.compose import external_id
from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.fetch.albums import find_albums, whole_albums
from kunak.features.ingestion.fetch.channel_names import ChannelName, name_in, open_channel, post_address
from kunak.features.ingestion.formats.telegram_message import Message, album_of, number_of, read_posts
from kunak.features.ingestion.schemas import Post, Source, Step
from kunak.foundation.clock import now
from kunak.foundation.errors import ConflictError, InvalidInputError
from kunak.integrations.telegram_channels.interface import (
    Changes,
    ChangesUnknownError,
    ChannelAccount,
    ChannelGoneError,
    ChannelKey,
    History,
)

PAGE = 100
_WIDEST = 5000
"""Numbers between two messages that are taken one by one for deleted messages."""
_LOOKED_AT_AGAIN = 500
"""Numbers below the newest that are read again when the server has forgotten what happened."""


async def read_account_steps(source: Source, outside: Outside) -> AsyncGenerator[Step, None]:
    """A page a step. What is broken off goes on where the cursor says."""
    if outside.open_account is None:
        raise InvalidInputError("KUNAK_TELEGRAM_API_ID and KUNAK_TELEGRAM_API_HASH are needed to read by an account.")
    async with outside.open_account() as account:
        reader = _Reader(source, account)
        await reader.find_channel()
        while step := await reader.read_news_of_known():
            yield step
        while step := await reader.read_gap():
            yield step
        while step := await reader.read_past():
            yield step


class _Reader:
    def __init__(self, source: Source, account: ChannelAccount) -> None:
        self._source = source
        self._account = account
        self._cursor: dict[str, Any] = dict(source.cursor)
        self._name: ChannelName = name_in(source.address or source.key)
        self._is_up_to_date = False
        self._is_found_now = False

    async def find_channel(self) -> None:
        """Asked once: Telegram lets an account look for few names a day."""
        me = await self._account.who_am_i()
        if self._cursor.get("account") != me.id:
            await self._find(me.id)

    async def _find(self, account: int) -> None:
        self._is_found_now = True
        cursor, channel = self._cursor, await open_channel(self._account, self._name)
        if cursor.get("channel") not in {None, channel.key.id}:
            raise ConflictError("This name belongs to another channel now; remove the source, and add it again.")
        cursor |= {"channel": channel.key.id, "access_hash": channel.key.access_hash, "account": account}

    async def read_news_of_known(self) -> Step | None:
        """The next of `read_news`. On some servers a channel has another hash after each login."""
        known = self._cursor["access_hash"]
        try:
            return await self.read_news()
        except ChannelGoneError:
            if self._is_found_now:
                raise
            await self._find(int(self._cursor["account"]))
            if self._cursor["access_hash"] == known:
                raise
            return await self.read_news()

    async def read_news(self) -> Step | None:
        """What happened since, a hundred events at a time; the newest page where nothing is known yet."""
        if self._is_up_to_date:
            return None
        if (known := self._cursor.get("pts")) is None:
            return await self._read_top()
        try:
            changes = await self._account.read_changes(self._key, since=int(known))
        except ChangesUnknownError:
            step = await self._read_top()
            # They may be told the next time, and are not to be left out then.
            self._cursor["pts"] = step.cursor["pts"] = known
            return step
        if changes.was_too_long:
            self._cursor["pts"] = changes.pts
            return await self._read_top(again=_LOOKED_AT_AGAIN)
        return await self._read_changes(changes)

    async def _read_changes(self, changes: Changes) -> Step:
        self._is_up_to_date = changes.is_last
        cursor, deleted = self._cursor, set(changes.deleted)
        oldest = int(cursor.get("oldest", 1))
        messages = {number_of(each): each for each in changes.messages if number_of(each) >= oldest}
        cursor["pts"] = changes.pts
        cursor["newest"] = max([*messages, int(cursor.get("newest", 0))])
        self._note_albums(messages.values())
        touched = {number for number, each in messages.items() if album_of(each)}
        if cursor.get("albums"):
            touched |= {each for each in deleted if each >= oldest}
        names = dict(changes.names)
        if touched:
            found = await find_albums(self._account, self._key, touched)
            names |= found.names
            messages |= {number_of(each): each for each in found.messages}
        present = [each for number, each in messages.items() if number not in deleted]
        return self._step(present, names, gone=sorted(deleted))

    async def _read_top(self, *, again: int = 0) -> Step:
        """The newest page. `again`: so many numbers below the newest known one are read again."""
        self._is_up_to_date = True
        page = await self._read_page(None)
        cursor, numbers = self._cursor, [number_of(each) for each in page.messages]
        known = cursor.get("newest")
        if page.pts is not None:
            cursor["pts"] = page.pts
        if known is None:
            low, high = min(numbers, default=1), max(numbers, default=0)
            cursor |= {"newest": high, "oldest": low, "gaps": [], "kept": 0, "complete": not numbers}
            return self._count(page, self._page_step(page, low, high)) if numbers else self._step((), {})
        oldest = int(cursor["oldest"])
        low = min(numbers, default=oldest)
        until = max(oldest - 1, known - again)
        if low > until + 1:
            cursor["gaps"] = [*cursor["gaps"], [low, until]]
        cursor["newest"] = max([*numbers, known])
        return self._page_step(page, max(low, oldest), cursor["newest"])

    async def read_gap(self) -> Step | None:
        """The next page of the newest gap."""
        if not self._cursor.get("gaps"):
            return None
        *others, (before, until) = self._cursor["gaps"]
        page = await self._read_page(before)
        numbers = [number_of(each) for each in page.messages]
        low = max(min(numbers, default=until + 1), until + 1)
        # A server that shows the same page again and again must not keep us forever.
        closed = low <= until + 1 or low >= before
        self._cursor["gaps"] = others if closed else [*others, [low, until]]
        return self._page_step(page, low, before - 1)

    async def read_past(self) -> Step | None:
        """The next page of what was there before the source was added."""
        cursor = self._cursor
        if cursor.get("complete") or "oldest" not in cursor:
            return None
        before = int(cursor["oldest"])
        page = await self._read_page(before)
        low = min((number_of(each) for each in page.messages), default=before)
        if low >= before:
            cursor["complete"] = True
            return self._step((), {})
        cursor["oldest"] = low
        return self._count(page, self._page_step(page, low, before - 1))

    def _count(self, page: History, step: Step) -> Step:
        cursor = self._cursor
        cursor["kept"] += len(step.posts)
        low = min(number_of(each) for each in page.messages)
        enough = cursor["kept"] >= self._source.options.backfill
        cursor["complete"] = enough or low <= 1 or self._is_too_old(step.posts)
        return Step(dict(cursor), step.posts, step.gone)

    def _is_too_old(self, posts: Sequence[Post]) -> bool:
        if self._source.keep_days is None or not posts:
            return False
        since = now() - timedelta(days=self._source.keep_days)
        return all(post.time is not None and post.time < since for post in posts)

    async def _read_page(self, below: int | None) -> History:
        page = await self._account.read_history(self._key, below=below, limit=PAGE)
        return whole_albums(page)

    @property
    def _key(self) -> ChannelKey:
        return ChannelKey(int(self._cursor["channel"]), int(self._cursor["access_hash"]))

    def _page_step(self, page: History, low: int, high: int) -> Step:
        """Numbers between `low` and `high` that are not on the page are no messages any more."""
        present = {number_of(each) for each in page.messages}
        missing = [each for each in range(low, high + 1) if each not in present] if high - low <= _WIDEST else []
        self._note_albums(page.messages)
        return self._step(page.messages, page.names, gone=missing)

    def _note_albums(self, messages: Any) -> None:
        if any(album_of(each) for each in messages):
            self._cursor["albums"] = True

    def _step(self, messages: Sequence[Message], names: dict[str, str], gone: Sequence[int] = ()) -> Step:
        channel = int(self._cursor["channel"])
        posts = read_posts(messages, names, lambda number: post_address(self._name, channel, number))
        ids = {post.id for post in posts}
        left = tuple(
            external_id(self._source.name, Post(id=str(each), text="")) for each in gone if str(each) not in ids
        )
        return Step(dict(self._cursor), tuple(posts), left)
