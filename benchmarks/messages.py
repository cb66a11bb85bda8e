"""How fast a message is answered, from Telegram's webhook call to the delivered reply.

Three processes beside PostgreSQL, as in production: Telegram (the sandbox, with the load), Kunak (bot and worker), and
for the floor a bare aiogram webhook echo without storage. fsync is on.

    uv run python benchmarks/messages.py --json
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn
import uvloop

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, Identity, UpdatesBy
from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName
from kunak.features.search import service as search
from kunak.foundation.settings import Settings
from kunak.integrations.telegram.sandbox.call_log import CallLog, CallRecord
from kunak.integrations.telegram.sandbox.sandbox import Sandbox
from kunak.integrations.telegram.sandbox.state import SandboxBot
from kunak.processes.bootstrap import Kunak, open_kunak
from kunak.processes.database import open_database
from kunak.processes.lifetime import spare_what_stays

HERE = Path(__file__).resolve()
BOTS, CHATS_PER_BOT = 20, 25
HELP, QUESTION = "/help", "Когда откроют мост через реку?"
BRIDGES = 300


def settings_for(data_dir: Path, port: int) -> Settings:
    """Limits are lifted: they are not what is measured."""
    return Settings(
        data_dir=data_dir,
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        telegram_rate_per_bot=100_000.0,
        messages_per_minute=100_000,
        telegram_rate_per_chat=100_000.0,
        log_level="WARNING",
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def child(role: str, *arguments: str) -> AsyncIterator[None]:
    """Another process of this file; ready when its port answers."""
    process = await asyncio.create_subprocess_exec(sys.executable, str(HERE), "--role", role, *arguments)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 20)


async def port_answers(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return


class WatchedCalls(CallLog):
    """The sandbox's list of calls, which tells of each new one."""

    def __init__(self, limit: int, saw: Callable[[CallRecord], None]) -> None:
        super().__init__(limit)
        self._saw = saw

    def add(self, *args: Any, **kwargs: Any) -> CallRecord:
        record = super().add(*args, **kwargs)
        self._saw(record)
        return record


class Load:
    """People who write to bots, and the clock that sees when they are answered."""

    def __init__(self, sandbox: Sandbox, telegram_bots: list[SandboxBot], text: str = HELP) -> None:
        self.sandbox = sandbox
        self.text = text
        self.lines = [
            (bot, person)
            for bot in telegram_bots
            for person in [sandbox.create_person(f"P{n}", language_code="ru") for n in range(CHATS_PER_BOT)]
        ]
        self.asked: dict[tuple[int, int], list[float]] = {}
        self.latencies: list[float] = []
        self.answered = 0
        sandbox.world.calls = WatchedCalls(1000, self._saw)

    def _saw(self, record: CallRecord) -> None:
        if record.method != "sendMessage" or record.error is not None or record.chat_id is None:
            return
        waiting = self.asked.get((record.bot_id, record.chat_id))
        self.answered += 1
        if waiting:
            self.latencies.append(time.perf_counter() - waiting.pop(0))

    def ask(self, n: int) -> None:
        bot, person = self.lines[n * 7 % len(self.lines)]
        self.asked.setdefault((bot.id, person.id), []).append(time.perf_counter())
        self.sandbox.write_to(bot, person, self.text)

    async def until_answered(self, count: int, within_s: float = 60) -> None:
        async with asyncio.timeout(within_s):
            while self.answered < count:  # noqa: ASYNC110  looking is cheaper here than an event for every answer
                await asyncio.sleep(0.005)

    async def at_rate(self, per_s: float, seconds: float) -> dict[str, float]:
        self.latencies.clear()
        start, count, before = time.perf_counter(), int(per_s * seconds), self.answered
        for n in range(count):
            await asyncio.sleep(max(0.0, start + n / per_s - time.perf_counter()))
            self.ask(n)
        await self.until_answered(before + count)
        cuts = statistics.quantiles(self.latencies, n=100)
        return {name: round(cuts[at] * 1000, 2) for name, at in (("p50_ms", 49), ("p95_ms", 94), ("p99_ms", 98))}

    async def flat_out(self, count: int, in_flight: int) -> float:
        """Answered messages a second with `in_flight` always on their way."""
        before, start = self.answered, time.perf_counter()
        sent = 0
        while self.answered - before < count:
            while sent < count and sent - (self.answered - before) < in_flight:
                self.ask(sent)
                sent += 1
            await asyncio.sleep(0.002)
        return round(count / (time.perf_counter() - start), 1)


@asynccontextmanager
async def telegram() -> AsyncIterator[tuple[Sandbox, str]]:
    sandbox = Sandbox()
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(sandbox.app, port=port, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await port_answers(port)
    yield sandbox, f"http://127.0.0.1:{port}"
    await sandbox.close()
    server.should_exit = True
    await serving


async def add_bots(kunak: Kunak, sandbox: Sandbox) -> list[SandboxBot]:
    made = [sandbox.create_bot(f"bench{n}_bot", f"Bench {n}") for n in range(BOTS)]
    async with kunak.sessions.begin() as session:
        for each in made:
            identity = Identity(each.id, each.username, each.name)
            await bots.save_bot(
                session, kunak.directory.doors, each.token, identity,
                updates_by=UpdatesBy.WEBHOOK, api_base=SANDBOX, actor="benchmark",
            )  # fmt: skip
    return made


async def tell_of_bridges(kunak: Kunak) -> None:
    """Something to read, so that every question is answered with quotes."""
    source = SourceName(SourceKind.JSONL, "bridges", "Вестник")
    words = "Мост через реку номер {} откроют весной, когда закончат ремонт дороги."
    documents = [NewDocument(source, str(n), "Новости", words.format(n), None, None) for n in range(BRIDGES)]
    async with kunak.sessions.begin() as session:
        await ingestion.store(session, documents)
        await search.refresh_lexicon(session)


async def measure_kunak(settings: Settings, url: str, options: argparse.Namespace) -> dict[str, Any]:
    async with telegram() as (sandbox, base), open_kunak(settings, database_url=url, sandbox_base=base) as kunak:
        made = await add_bots(kunak, sandbox)
        arguments = ["--data-dir", str(settings.data_dir), "--port", str(settings.port), "--url", url, "--base", base]
        async with child("kunak", *arguments):
            await asyncio.gather(*(sandbox.wait_for_call(each, "setWebhook", timeout_s=30) for each in made))
            if options.questions:
                await tell_of_bridges(kunak)
            load = Load(sandbox, made, QUESTION if options.questions else HELP)
            await load.at_rate(50, 2)
            return {
                "rate_50": await load.at_rate(50, options.seconds),
                "saturation_per_s": await load.flat_out(options.messages, 300),
            }


async def measure_echo(options: argparse.Namespace) -> float:
    async with telegram() as (sandbox, base):
        port = free_port()
        made = [sandbox.create_bot(f"echo{n}_bot", f"Echo {n}") for n in range(BOTS)]
        tokens = ",".join(each.token for each in made)
        async with child("echo", "--port", str(port), "--base", base, "--tokens", tokens):
            await port_answers(port)
            await asyncio.gather(*(sandbox.wait_for_call(each, "setWebhook", timeout_s=30) for each in made))
            load = Load(sandbox, made)
            await load.at_rate(50, 1)
            return await load.flat_out(options.messages, 300)


async def measure_commit(url: str) -> float:
    """Median milliseconds of one small durable transaction."""
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE bench_commit (id int)")
    took = []
    for n in range(200):
        start = time.perf_counter()
        await connection.execute("INSERT INTO bench_commit VALUES ($1)", n)
        took.append(time.perf_counter() - start)
    await connection.execute("DROP TABLE bench_commit")
    await connection.close()
    return round(statistics.median(took) * 1000, 3)


async def measure_up(folder: Path) -> dict[str, float]:
    """Memory of `kunak up` at rest with PostgreSQL, and how long its second start takes."""
    data_dir = folder / "up"
    await start_up(data_dir)
    startup_s, rss_mb = await start_up(data_dir, rest_s=5)
    return {"rss_mb": rss_mb, "startup_s": startup_s}


async def start_up(data_dir: Path, rest_s: float = 0) -> tuple[float, float]:
    command = [str(Path(sys.executable).with_name("kunak")), "up", "--json", "--data-dir", str(data_dir), "--port", "0"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    ready = json.loads(await process.stdout.readline())
    await asyncio.sleep(rest_s)
    postmaster = postmaster_of(data_dir)
    memory = sum(memory_mb(pid) for pid in [process.pid, postmaster, *children_of(postmaster)])
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.wait(), 20)
    return float(ready["startup_s"]), round(memory, 1)


def postmaster_of(data_dir: Path) -> int:
    return int(next(data_dir.rglob("postmaster.pid")).read_text().split()[0])


def memory_mb(pid: int) -> float:
    """What a process holds in memory; what it shares with others counts by its share."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def role_kunak(options: argparse.Namespace) -> None:
    from kunak.processes import bot, worker

    settings = settings_for(options.data_dir, options.port)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_kunak(settings, database_url=options.url, sandbox_base=options.base) as kunak:
        config = uvicorn.Config(
            bot.create_app(kunak), port=options.port, log_config=None, access_log=False, lifespan="off"
        )
        server = uvicorn.Server(config)
        server.capture_signals = _no_signals  # type: ignore[method-assign]  # ours
        tasks = [asyncio.create_task(server.serve()), asyncio.create_task(worker.run(kunak, stop))]
        spare_what_stays()
        await stop.wait()
        server.should_exit = True
        await asyncio.gather(*tasks)


def _no_signals() -> Any:
    import contextlib

    return contextlib.nullcontext()


async def role_echo(options: argparse.Namespace) -> None:
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message
    from aiogram.webhook.aiohttp_server import SimpleRequestHandler
    from aiohttp import web

    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    application = web.Application()
    session = AiohttpSession(api=TelegramAPIServer.from_base(options.base), limit=200)
    made = [Bot(token, session=session) for token in options.tokens.split(",")]
    for each in made:
        SimpleRequestHandler(dispatcher, each, handle_in_background=True).register(application, path=f"/{each.id}")
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", options.port).start()
    for each in made:
        await each.set_webhook(f"http://127.0.0.1:{options.port}/{each.id}")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await runner.cleanup()


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # reachable for the unprivileged server
        os.chmod(folder, 0o755)  # noqa: PTH101, S103  as above
        settings = settings_for(Path(folder) / "data", free_port())
        settings.data_dir.mkdir()
        async with open_database(settings) as database:
            figures = await measure_kunak(settings, database.url, options)
            figures["floor"] = {
                "echo_per_s": await measure_echo(options),
                "commit_ms": await measure_commit(database.url),
            }
        figures |= await measure_up(Path(folder))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=20, help="length of the run at 50 messages a second")
    parser.add_argument("--messages", type=int, default=5000, help="messages of the runs flat out")
    parser.add_argument("--questions", action="store_true", help="ask questions in place of /help: search included")
    parser.add_argument("--role", choices=["kunak", "echo"], help=argparse.SUPPRESS)
    parser.add_argument("--data-dir", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--base", help=argparse.SUPPRESS)
    parser.add_argument("--tokens", help=argparse.SUPPRESS)
    options = parser.parse_args()
    roles: dict[str | None, Callable[[argparse.Namespace], Any]] = {"kunak": role_kunak, "echo": role_echo}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if options.role:
            runner.run(roles[options.role](options))
        else:
            print(json.dumps(runner.run(measure(options)), indent=None if options.json else 2))


if __name__ == "__main__":
    main()
