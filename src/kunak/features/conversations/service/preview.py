"""While a model writes, a group sees what there is: one message, edited now and then, which the answer replaces.

Telegram counts each edit among the few messages that a group may be sent, so there are few, and they give way to what
is to be said there. Whether one arrives matters to nobody: the answer itself is said by the outbox.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from kunak.features.conversations.reply import place, unfinished
from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.draft import Show, Written
from kunak.features.messaging import service as messaging
from kunak.features.messaging.schemas import ChatKey, HeldMessage, Limits, NotYet
from kunak.foundation.clock import sleep_unless
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import KunakError
from kunak.integrations.telegram.interface import (
    BotAccess,
    TelegramClient,
    TelegramRefusedError,
    TelegramUnavailableError,
)

log = logging.getLogger(__name__)

_ANSWER_TAKES_S = 2.0
"""An answer that is whole by then is not shown before."""
_FIRST_PIECE_S = 1.5
"""Of text, before it is shown at all."""
_LEAST_PAUSE_S = 3.5
_LONGEST_PAUSE_S = 60.0
_LOOK_AGAIN_S = 0.3
_FAREWELL_S = 10.0
"""An edit on its way is waited for so long: one that arrives after the answer would undo it."""
_NEVER = float("inf")


@dataclass(frozen=True)
class Previews:
    """All answers that groups see while this process writes them."""

    telegram: TelegramClient
    sessions: Sessions
    limits: Limits

    @asynccontextmanager
    async def showing(self, spoken: Spoken, written: Written, show: Show, seen: asyncio.Event) -> AsyncIterator[None]:
        """Within the block what is written is shown. `seen` is set when there is something to see.

        Not what a button asks for: the answer to that begins with the question.
        """
        if spoken.access is None or spoken.lease is None or spoken.is_pressed:
            yield
            return
        held = HeldMessage(ChatKey(spoken.bot.id, spoken.message.chat_id), spoken.lease, spoken.inbox_id)
        preview = _Preview(self, spoken, spoken.access, held)
        async with written.followed(preview.follow(written, show, seen), _FAREWELL_S):
            yield


@dataclass
class _Preview:
    """One answer that a group sees. `may_be_rich`: until Telegram refuses it so."""

    of: Previews
    spoken: Spoken
    access: BotAccess
    held: HeldMessage
    may_be_rich: bool = True

    async def follow(self, written: Written, show: Show, seen: asyncio.Event) -> None:
        await self._wait_for_text(written, show)
        last: dict[str, Any] = {}
        while not written.over.is_set():
            written.changed.clear()
            text, pause = show(written.text), _LEAST_PAUSE_S
            content = unfinished(text, self.spoken, may_be_rich=self.may_be_rich) if text.text.strip() else last
            if content != last:
                pause, last = await self._show(content, seen), content
            if pause == _NEVER:
                return
            await sleep_unless(min(pause, _LONGEST_PAUSE_S), written.over)
            await written.changed.wait()

    async def _wait_for_text(self, written: Written, show: Show) -> None:
        begun = asyncio.get_running_loop().time()
        while not written.over.is_set() and not show(written.text).text.strip():
            await sleep_unless(_LOOK_AGAIN_S, written.over)
        so_far = asyncio.get_running_loop().time() - begun
        await sleep_unless(max(_FIRST_PIECE_S, _ANSWER_TAKES_S - so_far), written.over)

    async def _show(self, content: dict[str, Any], seen: asyncio.Event) -> float:
        """The seconds until more may be shown, if ever."""
        asked_at = asyncio.get_running_loop().time()
        async with self.of.sessions.begin() as session:
            leave = await messaging.claim_preview(session, self.held, self.of.limits)
        if leave is None:
            return _NEVER
        if isinstance(leave, NotYet):
            return leave.wait.total_seconds()
        # Whoever takes the turn after us must not be overtaken by what we were about to show.
        if (until := asked_at + leave.left_s) <= asyncio.get_running_loop().time():
            return _NEVER
        try:
            if leave.message_id is None:
                await self._send(content, until)
            else:
                await self._edit(content, leave.message_id, until)
        except (KunakError, TimeoutError) as error:
            log.info("conversations: an unfinished answer was not shown: %s", error)
            if "rich_message" not in content or not isinstance(error, TelegramRefusedError):
                return _NEVER
            self.may_be_rich = False
            return _LEAST_PAUSE_S
        seen.set()
        return _LEAST_PAUSE_S

    async def _edit(self, content: dict[str, Any], message_id: int, until: float) -> None:
        where = {"chat_id": self.spoken.message.chat_id, "message_id": message_id}
        async with asyncio.timeout_at(until):
            await self.of.telegram.call(self.access, "editMessageText", where | content)

    async def _send(self, content: dict[str, Any], until: float) -> None:
        method = "sendRichMessage" if "rich_message" in content else "sendMessage"
        try:
            async with asyncio.timeout_at(until):
                sent = await self.of.telegram.call(self.access, method, place(self.spoken.message) | content)
        except KunakError as error:
            if not (isinstance(error, TelegramUnavailableError) and error.maybe_done):
                await self._forget()
            raise
        await asyncio.shield(self._keep(sent["message_id"]))

    async def _keep(self, message_id: int) -> None:
        """Should nobody wait for it any more, it goes: the answer stands elsewhere."""
        async with self.of.sessions.begin() as session:
            is_kept = await messaging.keep_preview(session, self.held.message_id, message_id)
        if not is_kept:
            where = {"chat_id": self.spoken.message.chat_id, "message_id": message_id}
            await self.of.telegram.call(self.access, "deleteMessage", where)

    async def _forget(self) -> None:
        async with self.of.sessions.begin() as session:
            await messaging.forget_preview(session, self.held.message_id)
