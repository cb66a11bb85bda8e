"""One poller per bot, wherever it runs; what was stored is not asked for again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from tests.features.messaging.conftest import Town

from kunak.features.messaging.bot import polling
from kunak.features.messaging.bot.polling import Polling
from kunak.integrations.telegram.interface import BotAccess, TelegramUnavailableError, TokenRefusedError


@dataclass
class Server:
    """A Bot API server that says what it was told to say, then keeps silent for good."""

    answers: list[Any] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    holds_back: bool = True
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def call(
        self,
        bot: BotAccess,  # noqa: ARG002  as in TelegramClient
        method: str,
        params: dict[str, Any] | None = None,
        *,
        wait_s: float = 0,  # noqa: ARG002  as in TelegramClient
    ) -> Any:
        async with self._changed:
            self.called.append(method)
            if method == "getUpdates":
                self.asked.append((params or {})["offset"])
            self._changed.notify_all()
        if method != "getUpdates":
            return True
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if self.holds_back:
            await asyncio.Event().wait()
        return []

    async def close(self) -> None: ...

    async def until(self, condition: Callable[["Server"], bool]) -> None:
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: condition(self))


@pytest.fixture
async def polled(town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(polling, "_LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(polling, "_PAUSES_S", (0.0,))
    await town.execute("UPDATE bots SET updates_by = 'polling'")
    return town


@asynccontextmanager
async def polling_with(town: Town, server: Server) -> AsyncIterator[None]:
    bind = town.sessions.kw["bind"]
    dsn = make_url(bind.url).set(drivername="postgresql").render_as_string(hide_password=False)
    stop = asyncio.Event()
    running = asyncio.create_task(Polling(town.ledger, town.directory, server, dsn).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


def updates(*numbers: int) -> list[dict[str, Any]]:
    return [{"update_id": number, "message": {"chat": {"id": 1}}} for number in numbers]


async def test_after_a_restart_it_goes_on_behind_what_is_stored(polled: Town) -> None:
    for _ in range(2):
        server = Server([updates(5, 6)] if not await polled.states() else [])
        async with polling_with(polled, server):
            await server.until(lambda s: s.asked[-1:] == [7])
    assert server.asked == [7]
    assert await polled.fetch("SELECT update_id FROM inbox ORDER BY 1") == [(5,), (6,)]


async def test_once_all_is_confirmed_any_number_may_come_next(polled: Town) -> None:
    server = Server([updates(500), [], updates(3)])
    async with polling_with(polled, server):
        await server.until(lambda s: s.asked == [0, 501, 0, 4])
    assert await polled.fetch("SELECT update_id FROM inbox ORDER BY 1") == [(3,), (500,)]


async def test_one_that_cannot_be_read_does_not_stop_the_others(polled: Town) -> None:
    server = Server([[{"no": "id"}, *updates(5), 7, {"update_id": "x"}, *updates(6)]])
    async with polling_with(polled, server):
        await server.until(lambda s: s.asked == [0, 7])
    assert len(await polled.states()) == 2


@pytest.mark.parametrize("answer", [[], [{"no": "id"}], None, {}])
async def test_a_server_that_does_not_hold_back_is_not_asked_without_end(
    polled: Town, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setattr(polling, "_QUICK_S", 3600.0)
    server = Server([answer, updates(9)], holds_back=False)
    async with polling_with(polled, server):
        await server.until(lambda s: len(s.asked) == 1)
        for _ in range(100):
            await asyncio.sleep(0)
    assert len(server.asked) == 1


async def test_two_processes_poll_once_and_the_second_takes_over(polled: Town) -> None:
    first, second = Server(), Server([updates(5)])
    async with polling_with(polled, first):
        await first.until(lambda s: len(s.asked) == 1)
        async with polling_with(polled, second):
            assert second.asked == []
            await _cut_the_holder(polled)
            async with asyncio.timeout(60):
                await asyncio.wait(
                    [asyncio.ensure_future(s.until(lambda s: len(s.asked) == 2)) for s in (first, second)],
                    return_when=asyncio.FIRST_COMPLETED,
                )
            locks = (
                "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
                " WHERE locktype = 'advisory' AND classid = 27502 AND granted AND datname = current_database()"
            )
            assert await polled.fetch(locks) == [(1,)]


async def test_a_poller_outlives_telegram_and_a_webhook_in_its_way(polled: Town) -> None:
    conflict = TelegramUnavailableError("Conflict: can't use getUpdates method while webhook is active", code=409)
    server = Server([TelegramUnavailableError("502"), conflict, RuntimeError("odd"), updates(5)])
    async with polling_with(polled, server):
        await server.until(lambda s: s.asked == [0, 0, 0, 0, 6])
    assert server.called.count("deleteWebhook") == 1


async def test_a_refused_token_pauses_the_bot_and_tells_the_admins_once(polled: Town) -> None:
    server = Server([TokenRefusedError(), TokenRefusedError(), TokenRefusedError()])
    async with polling_with(polled, server):
        await _wait_for(polled, "SELECT count(*) FROM bots WHERE state = 'paused'")
    assert await polled.fetch("SELECT key, times FROM alerts") == [("bot-paused:1", 1)]
    assert len(server.asked) <= 2


async def _cut_the_holder(town: Town) -> None:
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND classid = 27502 AND granted AND datname = current_database()"
    )
    await town.fetch(cut)


async def _wait_for(town: Town, query: str) -> None:
    async with asyncio.timeout(60):
        while await town.fetch(query) == [(0,)]:  # noqa: ASYNC110  PostgreSQL tells nobody
            await asyncio.sleep(0)
