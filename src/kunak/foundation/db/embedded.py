"""The database that comes with us, shared by every Kunak process of one data directory.

Whoever comes first starts it, whoever leaves last stops it. Both is decided under one lock, and a user is counted by a
shared lock that the kernel takes back however the user dies. A server that outlived its users is adopted by the next.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kunak.foundation.data_dir import prepare_data_dir
from kunak.foundation.db.postgres_server import PostgresServer
from kunak.foundation.db.server_account import check_reachable, choose_account
from kunak.foundation.errors import KunakError
from kunak.foundation.file_lock import FileLock, exclusively

STARTING_S = 180.0  # another process may be unpacking, or replaying the log of a killed server
LOOK_S = 0.5

log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """A running server; `url` (`postgresql://…`) holds the password."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.url = server.address()
        self._restarts = 0
        self._restarted = asyncio.Condition()

    async def supervise(self, stop: asyncio.Event) -> None:
        """Starts the server again whenever it is found dead, until `stop`."""
        while not stop.is_set():
            if not self._server.is_running():
                await self._start_again()
            await _either(stop, LOOK_S)

    async def wait_for_restart(self, count: int) -> None:
        """Returns once the server was started again `count` times since this object was made."""
        async with self._restarted:
            await self._restarted.wait_for(lambda: self._restarts >= count)

    async def _start_again(self) -> None:
        log.warning("The database server is gone; it is started again")
        try:
            async with exclusively(_starting(self._server.home), within_s=STARTING_S):
                await self._server.ensure_running()
        except KunakError as error:
            log.error("The database server did not start, it is tried again: %s", error)  # noqa: TRY400  a sentence
        else:
            async with self._restarted:
                self._restarts += 1
                self._restarted.notify_all()


@asynccontextmanager
async def embedded_postgres(data_dir: Path) -> AsyncIterator[EmbeddedPostgres]:
    """Starts or adopts the server of the data directory for the block; stops it after, if nobody else uses it.

    Raises:
        KunakError: it cannot be had; the sentence names the cause and a way out.
    """
    server = await asyncio.to_thread(_prepare, prepare_data_dir(data_dir))
    users = FileLock(server.home / "users.lock")
    try:
        async with exclusively(_starting(server.home), within_s=STARTING_S):
            alone = users.try_exclusive()
            users.try_shared()  # exclusive only ever under the lock we hold: this cannot fail
            if not alone:
                server.check_same_system()
            await server.ensure_running()
        yield EmbeddedPostgres(server)
    finally:
        await _leave(server, users)


def _prepare(data_dir: Path) -> PostgresServer:
    """Makes the server's folder and unpacks the server; blocking."""
    home = data_dir.resolve() / "postgresql"
    account = choose_account(home)
    check_reachable(account, home.parent)
    home.mkdir(mode=0o700, exist_ok=True)
    account.own_tree(home)
    return PostgresServer(home, account)


async def _leave(server: PostgresServer, users: FileLock) -> None:
    """Gives up our share and, as the last user, stops the server."""
    try:
        async with exclusively(_starting(server.home), within_s=STARTING_S):
            if users.try_exclusive():
                await server.stop()
    finally:
        users.close()


def _starting(home: Path) -> Path:
    return home / "starting.lock"


async def _either(stop: asyncio.Event, within_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), within_s)
