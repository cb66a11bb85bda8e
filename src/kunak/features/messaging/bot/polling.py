"""Long polling: one poller per bot, however many processes run, elected by an advisory lock.

The locks belong to one database connection. When it dies they are gone, another process may have them, and so every
poller of this process stops with it.
"""

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import asyncpg

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot, UpdatesBy
from kunak.features.bots.service import Directory
from kunak.features.messaging.schemas import NewUpdate
from kunak.features.messaging.service.alerts import pause_and_alert, raise_alert
from kunak.features.messaging.service.ledger import Ledger
from kunak.features.messaging.service.receive import receive_updates
from kunak.foundation.clock import sleep_unless
from kunak.foundation.errors import FatalError, InvalidInputError, KunakError
from kunak.foundation.observability import metrics
from kunak.integrations.telegram.interface import TelegramClient, TelegramUnavailableError
from kunak.integrations.telegram.updates import UPDATE_KINDS, read_update

log = logging.getLogger(__name__)

_LOCK_CLASS = 0x6B6E
_LOOK_EVERY_S = 5.0
_HOLD_S = 25
_QUICK_S = 0.3
_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass
class Polling:
    """Polls for every bot that is not reached by webhook."""

    ledger: Ledger
    directory: Directory
    telegram: TelegramClient
    dsn: str
    _pollers: dict[int, tuple[Bot, asyncio.Task[None]]] = field(default_factory=dict, init=False)

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set; comes back by itself when the database goes away."""
        while not stop.is_set():
            try:
                await self._run_connected(stop)
            except Exception as error:  # noqa: BLE001  polling must outlive whatever ends its connection
                log.warning("polling: the connection to the database broke (%s)", type(error).__name__)
                await sleep_unless(1.0, stop)

    async def _run_connected(self, stop: asyncio.Event) -> None:
        connection = await asyncpg.connect(self.dsn, timeout=10)
        look = asyncio.Event()
        connection.add_termination_listener(lambda _: look.set())
        try:
            await connection.add_listener(bots.CHANGED, lambda *_: look.set())
            while not stop.is_set() and not connection.is_closed():
                look.clear()
                await self._look(connection)
                await sleep_unless(_LOOK_EVERY_S, stop, look)
        finally:
            await self._stop_all()
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await connection.close(timeout=2)

    async def _look(self, connection: asyncpg.Connection) -> None:
        """Start pollers of bots that need one and that no other process polls; stop those whose bot changed."""
        async with self.ledger.sessions() as session:
            wanted = {bot.id: bot for bot in await bots.list_bots(session) if self._is_polled(bot)}
        for bot_id, (bot, task) in list(self._pollers.items()):
            changed = bot_id not in wanted or not _is_same(bot, wanted[bot_id])
            if changed or (task.done() and wanted[bot_id].paused_reason is None):
                await self._stop(bot_id)
                await connection.execute("SELECT pg_advisory_unlock($1, $2)", _LOCK_CLASS, bot_id)
        for bot_id in wanted.keys() - self._pollers.keys():
            if await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", _LOCK_CLASS, bot_id):
                self.directory.forget(bot_id)
                task = asyncio.create_task(self._poll(wanted[bot_id]), name=f"poll bot {bot_id}")
                self._pollers[bot_id] = (wanted[bot_id], task)

    def _is_polled(self, bot: Bot) -> bool:
        return bot.updates_by is UpdatesBy.POLLING and self.directory.doors.reaches(bot)

    async def _stop(self, bot_id: int) -> None:
        _, task = self._pollers.pop(bot_id)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _stop_all(self) -> None:
        for bot_id in list(self._pollers):
            await self._stop(bot_id)

    async def _poll(self, bot: Bot) -> None:
        """Poll until cancelled, or until only a person can mend the bot."""
        offset, failures = bots.polling_offset(bot), 0
        while True:
            try:
                offset = await self._ask_once(bot, offset)
                failures = 0
            except FatalError as error:
                async with self.ledger.sessions.begin() as session:
                    await pause_and_alert(session, bot, str(error))
                return
            except TelegramUnavailableError as error:
                log.warning("polling: @%s: %s", bot.username, error)
                if error.code == HTTPStatus.CONFLICT:
                    await self._mend_conflict(bot, error, failures)
                await asyncio.sleep(error.retry_after or _PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
                failures += 1
            except Exception as error:  # noqa: BLE001  a poller must outlive whatever it meets
                log.warning("polling: @%s: %s", bot.username, type(error).__name__)
                await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
                failures += 1

    async def _ask_once(self, bot: Bot, offset: int) -> int:
        asked_at = time.monotonic()
        answer = await self.telegram.call(
            self.directory.doors.access(bot),
            "getUpdates",
            {"offset": offset, "timeout": _HOLD_S, "limit": 100, "allowed_updates": list(UPDATE_KINDS)},
            wait_s=_HOLD_S,
        )
        updates = self._read(bot, answer if isinstance(answer, list) else [])
        if not updates:
            # A server that does not hold the call back would be asked without end.
            await asyncio.sleep(max(0.0, _QUICK_S - (time.monotonic() - asked_at)))
            # All before `offset` is confirmed. After a quiet week Telegram counts on from any number, also a lower one.
            return offset if answer else 0
        return await self._store(bot, updates)

    def _read(self, bot: Bot, answer: list[Any]) -> list[NewUpdate]:
        updates = []
        for each in answer:
            try:
                read = read_update(each)
            except InvalidInputError as error:
                log.warning("polling: @%s: %s", bot.username, error)
                continue
            updates.append(NewUpdate(bot.id, read.update_id, read.chat_id, read.kind, read.payload, ordered=True))
        return updates

    async def _store(self, bot: Bot, updates: list[NewUpdate]) -> int:
        """Write updates and the new place down together; Telegram hears of the place with the next question."""
        place = max(update.update_id for update in updates) + 1
        async with self.ledger.sessions.begin() as session:
            new = await receive_updates(session, updates)
            await bots.save_polling_place(session, bot.id, place)
        metrics.UPDATES.labels("new").inc(sum(new))
        metrics.UPDATES.labels("duplicate").inc(len(new) - sum(new))
        return place

    async def _mend_conflict(self, bot: Bot, error: TelegramUnavailableError, failures: int) -> None:
        if "webhook" in str(error).lower():
            with contextlib.suppress(KunakError):  # the next question will tell
                access = self.directory.doors.access(bot)
                await self.telegram.call(access, "deleteWebhook", {"drop_pending_updates": False})
        elif failures == len(_PAUSES_S):
            async with self.ledger.sessions.begin() as session:
                text = f"@{bot.username} is polled by another program too: some of its messages do not reach us."
                await raise_alert(session, f"bot-polled-twice:{bot.id}", text)


def _is_same(known: Bot, now: Bot) -> bool:
    return (known.token_sealed, known.api_base, known.state) == (now.token_sealed, now.api_base, now.state)
