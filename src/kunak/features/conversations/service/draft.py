"""While a model writes, the person sees what there is: a decoration, past the outbox, that holds nobody up.

Telegram shows a draft for half a minute, or until a message comes. Whether a draft arrives matters to nobody.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from kunak.features.conversations.reply import to_draft
from kunak.features.conversations.schemas import Spoken
from kunak.features.messaging.schemas import Say
from kunak.foundation.clock import sleep_unless
from kunak.foundation.errors import KunakError, RetryableError
from kunak.integrations.telegram.interface import BotAccess, TelegramClient, TelegramRefusedError
from kunak.integrations.telegram.text import FormattedText

log = logging.getLogger(__name__)

_LEAST_PAUSE_S = 1.0
_CHARACTERS_A_SECOND = 2_000
"""The pause grows with the text: a long one costs more to send, and a change in it is seen less."""
_PER_BOT = 25
"""Drafts a second, of all chats of a bot in this process."""
_KEPT_ALIVE_S = 20.0
_LONGEST_PAUSE_S = 20.0
"""Who is to wait longer shows no drafts any more."""
_FAREWELL_S = 1.0
"""A draft on its way is waited for so long: one that arrives after the message would stand below it."""

Show = Callable[[str], FormattedText]
"""What a person may see of what was written so far; empty text when nothing."""


class Written:
    """What a model has written so far."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.changed = asyncio.Event()
        self.over = asyncio.Event()

    def add(self, piece: str) -> None:
        self._pieces.append(piece)
        self.changed.set()

    def end(self) -> None:
        self.over.set()
        self.changed.set()

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @asynccontextmanager
    async def followed(self, by: Coroutine[None, None, None], farewell_s: float) -> AsyncIterator[None]:
        """Within the block `by` shows it; what it is sending at the end is waited for so long. Never fails by it."""
        following = asyncio.create_task(by)
        try:
            yield
        finally:
            self.end()
            await asyncio.wait({following}, timeout=farewell_s)
            following.cancel()
            [ended] = await asyncio.gather(following, return_exceptions=True)
            if isinstance(ended, Exception):
                log.warning("conversations: an unfinished answer is not shown any more", exc_info=ended)


@dataclass(frozen=True)
class Drafts:
    """All drafts of this process. `running`: how many answers each bot is writing."""

    telegram: TelegramClient
    running: Counter[int] = field(default_factory=Counter)
    not_rich: set[int] = field(default_factory=set)
    """Bots whose Telegram refused a rich draft and took the same as a plain one: no other is tried."""

    @asynccontextmanager
    async def showing(self, spoken: Spoken, written: Written, show: Show, seen: asyncio.Event) -> AsyncIterator[None]:
        """Within the block what is written is shown, in private chats. `seen` is set when there is something to see."""
        if spoken.access is None or not spoken.message.is_private:
            yield
            return
        self.running[spoken.bot.id] += 1
        try:
            async with written.followed(self._follow(spoken, spoken.access, written, show, seen), _FAREWELL_S):
                yield
        finally:
            self.running[spoken.bot.id] -= 1

    async def _follow(
        self, spoken: Spoken, access: BotAccess, written: Written, show: Show, seen: asyncio.Event
    ) -> None:
        while not written.over.is_set():
            # With nothing new the last draft is sent again: it would vanish from before the eyes of who reads it.
            await sleep_unless(_KEPT_ALIVE_S, written.changed)
            written.changed.clear()
            text = show(written.text)
            pause = max(_LEAST_PAUSE_S, self.running[spoken.bot.id] / _PER_BOT) + len(text.text) / _CHARACTERS_A_SECOND
            if written.over.is_set():
                return
            if text.text.strip():
                seen.set()
                pause = max(pause, await self._send(spoken, access, text))
            if pause > _LONGEST_PAUSE_S:
                return
            await sleep_unless(pause, written.over)

    async def _send(self, spoken: Spoken, access: BotAccess, text: FormattedText) -> float:
        """The seconds that Telegram wants to be left alone for; without end when it takes no drafts."""
        draft = to_draft(text, spoken)
        if draft.instead is not None and spoken.bot.id in self.not_rich:
            draft = draft.instead
        try:
            await self._call(spoken, access, draft)
        except KunakError as error:
            log.info("conversations: a draft was not shown: %s", error)
            asked = error.retry_after if isinstance(error, RetryableError) else None
            return float("inf") if asked is None else asked
        return 0.0

    async def _call(self, spoken: Spoken, access: BotAccess, draft: Say) -> None:
        try:
            await self.telegram.call(access, draft.method, draft.params)
        except TelegramRefusedError:
            if draft.instead is None:
                raise
            await self.telegram.call(access, draft.instead.method, draft.instead.params)
            self.not_rich.add(spoken.bot.id)
