"""The Telegram account is followed: by one process of the installation, which hears what happens and reads what is due.

What is heard only says where to look: `fetch/account.py` then asks for all that has happened since the last visit. So
nothing is lost when a word is, and what came while nobody listened comes by the same road.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from kunak.features.ingestion.fetch import Outside, load_readers
from kunak.features.ingestion.read_on import Watching, read_source
from kunak.features.ingestion.repository import sources as repository
from kunak.features.ingestion.schemas import Reading, Source
from kunak.features.telegram_account import service as accounts
from kunak.features.telegram_account.schemas import AccountState, Doors
from kunak.features.telegram_account.service import GovernedAccount
from kunak.foundation.clock import sleep_unless
from kunak.foundation.db.engine import Sessions
from kunak.foundation.db.outage import is_outage
from kunak.foundation.errors import KunakError, RetryableError
from kunak.integrations.telegram_channels.interface import AccountUnavailableError

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
_APART_S = 0.5
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 300.0
_LONG_ENOUGH_S = 60.0
"""A connection that lived so long was a good one."""
_STEPS = 5
"""Of one source, before the others and those who wait for the account have their turn."""
_MOST = 1000

Report = Callable[[Source, Reading], None]


@dataclass
class _Heard:
    """Channels in which something has happened; None among them: in many."""

    channels: set[int | None] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, channel: int | None) -> None:
        self.channels.add(channel)
        self.news.set()

    def take(self) -> set[int | None]:
        taken, self.channels = self.channels, set()
        self.news.clear()
        return taken


async def follow_account(
    sessions: Sessions,
    outside: Outside,
    doors: Doors,
    stop: asyncio.Event,
    *,
    report: Report = lambda _source, _reading: None,
) -> None:
    """Until `stop`: while the account can be used and nobody else uses it, hear and read."""
    failures = 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            if await _has_work(sessions):
                await asyncio.to_thread(load_readers)
                async with accounts.open_account(doors, wait_s=0) as account:
                    await _follow(sessions, outside, account, stop, report)
            await sleep_unless(_LOOK_EVERY_S, stop)
        except accounts.AccountBusyError:
            await sleep_unless(_LOOK_EVERY_S, stop)
        except Exception as error:  # noqa: BLE001  whatever it is, other sources go on, and this is tried again
            _log(error)
            failures = 1 if time.monotonic() - began > _LONG_ENOUGH_S else failures + 1
            await sleep_unless(_pause_s(failures, error), stop)


def _log(error: Exception) -> None:
    if isinstance(error, KunakError) or is_outage(error):
        log.warning("telegram account: %s", error if isinstance(error, KunakError) else type(error).__name__)
    else:
        log.error("telegram account: a fault of our own", exc_info=error)


def _pause_s(failures: int, error: Exception) -> float:
    asked = error.retry_after if isinstance(error, RetryableError) else None
    return asked or min(_FIRST_PAUSE_S * 2.0 ** min(failures - 1, 20), _LONGEST_PAUSE_S)


async def _has_work(sessions: Sessions) -> bool:
    """Whether somebody is logged in and there is a channel to read: Telegram is not bothered for nothing."""
    async with sessions() as session:
        account = await accounts.get_account(session)
        return account.state is AccountState.ACTIVE and await repository.has_account_sources(session)


async def _follow(
    sessions: Sessions, outside: Outside, account: GovernedAccount, stop: asyncio.Event, report: Report
) -> None:
    """Until the account is refused, or somebody else waits for it.

    Raises:
        AccountUnavailableError: the connection was lost.
    """
    heard, lost = _Heard(), asyncio.ensure_future(account.wait_until_lost())
    lost.add_done_callback(lambda _: heard.news.set())
    account.listen(heard.hear)
    mine = replace(outside, open_account=account.lend)
    try:
        async with sessions.begin() as session:
            await repository.wake_account_sources(session)  # something may have happened while nobody listened
        while not (stop.is_set() or lost.done() or account.governor.is_refused):
            if channels := heard.take():
                async with sessions.begin() as session:
                    known = None if None in channels else sorted(each for each in channels if each is not None)
                    await repository.wake_account_sources(session, known)
            read_at = time.monotonic()
            has_more = await _read_due(sessions, mine, stop, report) if not account.governor.wait_left_s() else False
            if await accounts.is_wanted_elsewhere(sessions):
                log.info("telegram account: another process has its turn")
                return
            if not has_more:
                await sleep_unless(_LOOK_EVERY_S, stop, heard.news)
                # Every heart under a post is news; a busy channel must not have us ask without a pause.
                await sleep_unless(max(read_at + _APART_S - time.monotonic(), 0.0), stop)
        if lost.done() and not account.governor.is_refused:
            raise AccountUnavailableError("The connection to Telegram was lost.")
    finally:
        lost.cancel()


async def _read_due(sessions: Sessions, outside: Outside, stop: asyncio.Event, report: Report) -> bool:
    """Some steps of every source that is due; whether there is more to read."""
    async with sessions() as session:
        due = await repository.list_due(session, limit=_MOST, by_account=True)
    has_more = False
    for source_id in due:
        turn = _Turn(stop)
        watching = Watching(turn.is_over, report)
        await read_source(sessions, outside, source_id, watching=watching, only_if_due=True)
        has_more = has_more or turn.was_cut
    return has_more and not stop.is_set()


class _Turn:
    """Counts the steps of one source."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._steps = 0
        self.was_cut = False

    def is_over(self) -> bool:
        self._steps += 1
        self.was_cut = self._steps >= _STEPS
        return self.was_cut or self._stop.is_set()
