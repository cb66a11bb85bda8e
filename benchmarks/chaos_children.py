"""What is killed in the chaos: the bot process, the worker, PostgreSQL; and how to look into the ledger meanwhile."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import uvicorn
from benchmarks.chaos_process import Orders, Role
from starlette.types import ASGIApp

from kunak.foundation.db.embedded import EmbeddedPostgres, embedded_postgres
from kunak.foundation.db.postgres_process import find_postmaster
from kunak.processes.database import migrate

_PROGRAM = Path(__file__).with_name("chaos_process.py")


@dataclass
class Database:
    """An embedded PostgreSQL that is started again whenever it dies."""

    server: EmbeddedPostgres
    data_dir: Path
    kills: int = 0

    @property
    def url(self) -> str:
        return self.server.url

    async def kill(self) -> None:
        """Kill the postmaster with -9, and wait until the server is there again."""
        pid = find_postmaster(self.data_dir.resolve() / "postgresql" / "data")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.kills += 1
        await self.server.wait_for_restart(self.kills)

    async def count(self, query: str) -> int:
        connection = await asyncpg.connect(self.url)
        try:
            return int(await connection.fetchval(query) or 0)
        finally:
            await connection.close()

    async def settle(self) -> None:
        """Returns when what the standing worker began has ended; what waits for a lock of its own cannot."""
        busy = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
            " AND wait_event_type IS NULL AND pid <> pg_backend_pid()"
        )
        for _ in range(20):
            if not await self.count(busy):
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def database(data_dir: Path) -> AsyncIterator[Database]:
    """A migrated database under the folder."""
    stop = asyncio.Event()
    async with embedded_postgres(data_dir) as server:
        await migrate(server.url)
        supervising = asyncio.create_task(server.supervise(stop))
        yield Database(server, data_dir)
        stop.set()
        await supervising


@dataclass
class Children:
    """The bot process and the worker, each alive but for a moment after it was killed."""

    orders: Orders
    _alive: dict[Role, asyncio.subprocess.Process] = field(default_factory=dict)

    async def start(self, role: Role) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("KUNAK_", "DATABASE_"))}
        root = str(_PROGRAM.parents[1])
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, str(_PROGRAM), role),
            env=clean | {"PYTHONPATH": root},
            stdin=asyncio.subprocess.PIPE,
        )
        assert child.stdin is not None
        child.stdin.write(f"{self.orders.to_json()}\n".encode())
        await child.stdin.drain()
        self._alive[role] = child

    @asynccontextmanager
    async def frozen(self, role: Role) -> AsyncIterator[None]:
        """The process stands still for the block, in the middle of whatever it did."""
        self._alive[role].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            if self._alive[role].returncode is None:
                self._alive[role].send_signal(signal.SIGCONT)

    async def kill(self, role: Role) -> None:
        self._alive[role].kill()
        await self._alive[role].wait()

    async def end(self) -> None:
        """Stop what is left, politely; raises when one had died of itself."""
        died = [role for role, child in self._alive.items() if child.returncode is not None]
        left = [child for child in self._alive.values() if child.returncode is None]
        for child in left:
            child.terminate()
        for child in left:
            await asyncio.wait_for(child.wait(), 30)
        assert not died, f"nobody killed the {died[0]}, and it died"


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


def free_port() -> int:
    """A port that nobody listens on; below those from which systems take ports for outgoing connections.

    Any of them: another chaos on this machine must not look for the same at the same moment.
    """
    for port in random.sample(range(12_000, 20_000), 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise OSError("No free port.")
