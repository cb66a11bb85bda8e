"""Kunak and the sandbox, running for real in the test's event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn
from sqlalchemy import text
from starlette.types import ASGIApp

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, Bot, Identity, UpdatesBy
from kunak.features.messaging.service import wake_bot
from kunak.foundation.settings import Settings
from kunak.integrations.telegram.sandbox.sandbox import Sandbox
from kunak.integrations.telegram.sandbox.state import SandboxBot
from kunak.processes import bot as bot_process
from kunak.processes import worker as worker_process
from kunak.processes.bootstrap import Kunak, open_kunak


@dataclass(frozen=True)
class House:
    """A running Kunak with one bot, and the Telegram it lives in."""

    kunak: Kunak
    sandbox: Sandbox
    bot: Bot
    telegram_bot: SandboxBot
    webhook: str
    restart: Callable[[], Awaitable[None]]
    """Ends the processes that receive and answer, and begins them anew; Telegram and the database stay."""

    async def let_leases_expire(self) -> None:
        """What a dead worker held is free, as after a while."""
        async with self.kunak.sessions.begin() as session:
            await session.execute(text("UPDATE chats SET turn_until = now(), send_until = now()"))
            await wake_bot(session, self.bot.id)


OpenHouse = Callable[..., Awaitable[House]]


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """`app` on a free port of loopback; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # whoever comes before the server is ready waits for it
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        running = asyncio.create_task(server.serve([listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await running


@pytest.fixture
async def open_house(database_url: str, tmp_path: Path) -> AsyncIterator[OpenHouse]:
    """Opens a house, by polling or by webhook, without a worker if you like; settings may be given by name."""
    async with AsyncExitStack() as stack:

        async def open_one(delivery: UpdatesBy = UpdatesBy.POLLING, *, worker: bool = True, **given: object) -> House:
            defaults: dict[str, object] = {
                "data_dir": tmp_path,
                "retry_base_s": 0.05,
                "telegram_rate_per_chat": 1000.0,
                "telegram_rate_per_bot": 1000.0,
                "messages_per_minute": 1000,
                "reorder_grace_s": 0.1,
                "burst_s": 0.2,
            }
            processes = (bot_process, worker_process) if worker else (bot_process,)
            return await _open(stack, database_url, delivery, processes, defaults | given)

        yield open_one


async def _open(
    stack: AsyncExitStack,
    database_url: str,
    delivery: UpdatesBy,
    running: Sequence[ModuleType],
    given: dict[str, object],
) -> House:
    sandbox = Sandbox(webhook_retry_base_s=0.05)
    base = await stack.enter_async_context(serving(sandbox.app))
    stack.push_async_callback(sandbox.close)
    doors: list[ASGIApp] = []
    webhook = await stack.enter_async_context(serving(_Later(doors)))
    settings = Settings(public_url=webhook, **given)  # type: ignore[arg-type]  # names are checked by pydantic
    kunak = await stack.enter_async_context(open_kunak(settings, database_url=database_url, sandbox_base=base))
    doors.append(bot_process.create_app(kunak))
    telegram_bot = sandbox.create_bot("friend_bot", "Друг")
    async with kunak.sessions.begin() as session:
        bot = await bots.save_bot(
            session,
            kunak.directory.doors,
            telegram_bot.token,
            Identity(telegram_bot.id, "friend_bot", "Друг"),
            updates_by=delivery,
            api_base=SANDBOX,
            actor="test",
        )
    processes = _Processes(kunak, running)
    await processes.start()
    stack.push_async_callback(processes.stop)
    if delivery is UpdatesBy.WEBHOOK:
        await sandbox.wait_for_call(telegram_bot, "setWebhook")
    return House(kunak, sandbox, bot, telegram_bot, f"{webhook}/bot/{bot.id}", processes.restart)


class _Processes:
    """The processes of one house, in this event loop."""

    def __init__(self, kunak: Kunak, running: Sequence[ModuleType]) -> None:
        self._kunak = kunak
        self._running = running

    async def start(self) -> None:
        self._stop = asyncio.Event()
        self._tasks = [asyncio.create_task(each.run(self._kunak, self._stop)) for each in self._running]

    async def stop(self) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)

    async def restart(self) -> None:
        await self.stop()
        await self.start()


class _Later:
    """An app that is known only after its address is."""

    def __init__(self, apps: list[ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  as ASGI
        await self._apps[0](scope, receive, send)
