"""The governor: one call at a time, everybody waits when Telegram asks us to, and a refused session is left alone."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from kunak.features.messaging.service import raise_alert
from kunak.features.telegram_account import repository
from kunak.features.telegram_account.schemas import Account
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.db.events import record_event
from kunak.integrations.telegram_channels.interface import (
    AccountRefusedError,
    AccountWaitError,
    Changes,
    Channel,
    ChannelAccount,
    ChannelKey,
    History,
    Me,
)

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

_PATIENCE_S = 3.0
"""A shorter wait is waited on the spot."""
_ALERT_ONCE = timedelta(days=1)


class Governor:
    """Lets calls through to Telegram, and remembers in the database what came of them."""

    def __init__(self, sessions: Sessions, account: Account) -> None:
        self._sessions = sessions
        self._account = account
        self._wait_until = account.wait_until
        self._turn = asyncio.Lock()
        self.is_refused = False

    def wait_left_s(self) -> float:
        """Seconds until Telegram may be asked again."""
        return max((self._wait_until - now()).total_seconds(), 0.0) if self._wait_until else 0.0

    async def ask(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `call` answers.

        Raises:
            AccountWaitError: nothing was asked, or Telegram wants us to wait for longer than a moment.
            AccountRefusedError: the account is paused now, and admins are told.
        """
        async with self._turn:
            await self._wait()
            try:
                return await self._try(call)
            except AccountWaitError as error:
                if (error.retry_after or 0.0) > _PATIENCE_S:
                    raise
            await self._wait()
            return await self._try(call)

    async def _wait(self) -> None:
        left = self.wait_left_s()
        if left > _PATIENCE_S:
            raise AccountWaitError(f"Telegram asks the account to wait until {_clock(now(), left)}.", retry_after=left)
        await asyncio.sleep(left)

    async def _try(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            return await call()
        except AccountWaitError as error:
            await self._keep_wait(error.retry_after or 0.0)
            raise
        except AccountRefusedError as error:
            self.is_refused = True
            await self._pause(str(error))
            raise

    async def _keep_wait(self, seconds: float) -> None:
        log.warning("telegram account: asked to wait for %d seconds", seconds)
        self._wait_until = now() + timedelta(seconds=seconds)
        async with self._sessions.begin() as session:
            await repository.keep_wait(session, self._wait_until)

    async def _pause(self, reason: str) -> None:
        sealed = self._account.session_sealed
        async with self._sessions.begin() as session:
            if sealed is None or not await repository.pause_account(session, session_sealed=sealed, reason=reason):
                return
            record_event(
                session, actor="kunak", what="telegram_account.paused", thing="telegram_account", reason=reason
            )
            words = (
                f"The Telegram account {self._account.name} can no longer read channels: {reason} "
                "`kunak telegram login` logs it in again; nothing is tried before."
            )
            await raise_alert(session, f"telegram-account:{self._account.logged_in_at}", words, window=_ALERT_ONCE)


def _clock(since: datetime, seconds: float) -> str:
    return f"{since + timedelta(seconds=seconds):%H:%M:%S} UTC"


class GovernedAccount:
    """A `ChannelAccount` whose calls go through the governor."""

    def __init__(self, account: ChannelAccount, governor: Governor) -> None:
        self._account = account
        self.governor = governor

    @asynccontextmanager
    async def lend(self) -> AsyncIterator["GovernedAccount"]:
        """To who reads a channel with it, and does not close it."""
        yield self

    async def who_am_i(self) -> Me:
        return await self.governor.ask(self._account.who_am_i)

    async def find_channel(self, name: str) -> Channel:
        return await self.governor.ask(lambda: self._account.find_channel(name))

    async def find_invited(self, invitation: str) -> Channel:
        return await self.governor.ask(lambda: self._account.find_invited(invitation))

    async def read_history(self, channel: ChannelKey, *, below: int | None, limit: int) -> History:
        return await self.governor.ask(lambda: self._account.read_history(channel, below=below, limit=limit))

    async def read_messages(self, channel: ChannelKey, ids: Sequence[int]) -> History:
        return await self.governor.ask(lambda: self._account.read_messages(channel, ids))

    async def read_changes(self, channel: ChannelKey, *, since: int) -> Changes:
        return await self.governor.ask(lambda: self._account.read_changes(channel, since=since))

    def listen(self, heard: Callable[[int | None], None]) -> None:
        self._account.listen(heard)

    async def wait_until_lost(self) -> None:
        await self._account.wait_until_lost()

    async def log_out(self) -> None:
        await self.governor.ask(self._account.log_out)
