"""One PostgreSQL server on one folder: made, started, found, stopped."""

import asyncio
import os
import secrets
import shlex
import shutil
import socket
import subprocess
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from kunak.foundation.db.postgres_install import environment, explain, install_postgres, major_version
from kunak.foundation.db.postgres_process import (
    clear_remains,
    cluster_name,
    find_postmaster,
    read_lock_file,
    stop_postmaster,
)
from kunak.foundation.db.program import run_program
from kunak.foundation.db.server_account import ServerAccount
from kunak.foundation.db.server_memory import shared_buffers_mb
from kunak.foundation.errors import ConflictError, RetryableError, TerminalError

USER = DATABASE = "kunak"
HOST = "127.0.0.1"
FIRST_PORT, PORTS = 20_000, 12_000  # below the range from which systems take ports for outgoing connections
READY_S = 120.0  # a server that was killed replays its log first
ANSWER_S = 10.0
POLL_S = 0.03

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "jit": "off",  # compiling costs more than our queries
    "max_connections": "100",
    "effective_cache_size": "512MB",
    "maintenance_work_mem": "64MB",
    "work_mem": "8MB",
    "max_wal_size": "512MB",
    "io_workers": "1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Errors of single queries are their clients' to log; the file is begun anew at each start only and must not grow.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}
LOCALES = ("C.UTF-8", "en_US.UTF-8")
"""For what an extension still asks of the system's own locale; one of them is everywhere. Sorting needs neither."""


class _NotOursError(Exception):
    """Something answers at the port, and it is not this server."""


@dataclass(frozen=True)
class PostgresServer:
    """`home` holds everything of the server. A real path: the server's processes are recognised by it."""

    home: Path
    account: ServerAccount

    @property
    def pgdata(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server says, since its last start."""
        return self.home / "server.log"

    def is_running(self) -> bool:
        """Whether its process is there; it may still be getting ready."""
        return find_postmaster(self.pgdata) is not None

    def address(self) -> str:
        """The URL, password included, of the server as it runs now."""
        locked = read_lock_file(self.pgdata)
        port = locked[1] if locked else self._usual_port()
        return f"postgresql://{USER}:{self._password()}@{HOST}:{port}/{DATABASE}"

    def check_same_system(self) -> None:
        """Refuses a server in use whose processes we could not see: a second one would destroy its data.

        Raises:
            ConflictError: another container uses it.
        """
        place = self.home / "system"
        if place.exists() and place.read_text() != _system():
            raise ConflictError(
                f"The database in {self.home} is in use by a Kunak in another container. "
                "Run this there, or give both the DATABASE_URL of one server."
            )

    async def ensure_running(self) -> None:
        """Adopts the server that runs, or starts it. The caller holds the lock on starting.

        Raises:
            KunakError: it cannot be started; the sentence says why and what to do.
        """
        if pid := find_postmaster(self.pgdata):
            if await self._is_of_use():
                return
            await stop_postmaster(pid)
        installation = await self._make_ready()
        await clear_remains(self.pgdata)
        await self._start(installation)

    async def _is_of_use(self) -> bool:
        if read_lock_file(self.pgdata) is None:
            return False  # its folder was removed, and this is another one at the same place
        try:
            await self._wait_until_ready(ANSWER_S)
        except RetryableError:
            return False  # there, yet deaf
        return True

    async def stop(self) -> None:
        """Returns when the server is gone, or was not there."""
        if pid := find_postmaster(self.pgdata):
            await stop_postmaster(pid)

    async def _start(self, installation: Path) -> None:
        for port in self._ports():
            await _to_the_end(self._launch(installation, port))
            try:
                await self._wait_until_ready(READY_S, port)
            except _NotOursError:
                continue  # between our look at the port and the server's, somebody took it
            return
        raise ConflictError(
            f"No free port for the database on {HOST} from {FIRST_PORT} on. Free one, or set DATABASE_URL."
        )

    async def _make_ready(self) -> Path:
        """Gives the folder of the server's programs."""
        installation = await install_postgres(self.home, self.account)
        if not self._is_created():
            await self._create(installation)
        self._check_version(installation)
        return installation

    def _is_created(self) -> bool:
        return self.pgdata.exists()

    async def _create(self, installation: Path) -> None:
        """Makes the empty database cluster; all or nothing."""
        draft = self.home / "creating"
        password = self._make_password()
        for locale in LOCALES:
            shutil.rmtree(draft, ignore_errors=True)  # of a run that was broken off
            result = await self._run(
                installation / "bin" / "initdb", "--pgdata", draft, "--username", USER, "--pwfile", password,
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                "--lc-collate=C", "--lc-messages=C", f"--lc-ctype={locale}", "--no-instructions",
            )  # fmt: skip  # one option and its value belong together
            if result.returncode == 0:
                draft.rename(self.pgdata)
                return
        raise TerminalError(f"PostgreSQL could not make a database in {self.home}: {explain(result.stderr)}")

    async def _launch(self, installation: Path, port: int) -> None:
        # pg_ctl makes it nobody's child and deaf to our terminal: it outlives its starter, for those who still use it.
        settings = SETTINGS | {
            "shared_buffers": f"{shared_buffers_mb()}MB",
            "port": str(port),
            "cluster_name": cluster_name(self.pgdata),
        }
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        self._note_system()
        self._begin_log()
        await self._run(
            installation / "bin" / "pg_ctl", "start", "--no-wait", "--silent",
            "--pgdata", self.pgdata, "--log", self.log, "--options", options,
        )  # fmt: skip  # one option and its value belong together

    def _note_system(self) -> None:
        place = self.home / "system"
        place.write_text(_system())
        self.account.own(place)

    def _begin_log(self) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.old"))

    async def _run(self, program: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return await run_program(
            program,
            *arguments,
            **self.account.run_options(),
            cwd=self.home,
            env=environment(program.parents[1], self.home),
        )

    async def _wait_until_ready(self, within_s: float, port: int | None = None) -> None:
        """Raises _NotOursError for a port taken at the last moment, RetryableError when it stays silent."""
        try:
            async with asyncio.timeout(within_s):
                while not await self._answers(port or (read_lock_file(self.pgdata) or (0, 0))[1]):
                    if not self.is_running():
                        self._explain_failure()
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise RetryableError(
                f"PostgreSQL does not answer after {within_s:.0f} seconds. Its log is in {self.log}."
            ) from None

    async def _answers(self, port: int) -> bool:
        """Whether the server serves our database at the port; makes that database on a new server."""
        try:
            await self._connect_to(port, DATABASE)
        except asyncpg.InvalidCatalogNameError:
            await self._connect_to(port, "postgres", f"CREATE DATABASE {DATABASE}")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    async def _connect_to(self, port: int, database: str, statement: str = "SELECT 1") -> None:
        connection = await asyncpg.connect(
            host=HOST, port=port, user=USER, password=self._password(), database=database, ssl=False, timeout=5
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _explain_failure(self) -> None:
        said = self.log.read_text(errors="replace") if self.log.exists() else ""
        if "could not bind" in said or "could not create any TCP/IP sockets" in said:
            raise _NotOursError
        raise TerminalError(f"PostgreSQL did not start: {explain(said)} (more in {self.log})")

    def _check_version(self, installation: Path) -> None:
        made_by = int((self.pgdata / "PG_VERSION").read_text().split(".")[0])
        ours = major_version(installation)
        if made_by > ours:
            raise ConflictError(
                f"The database in {self.pgdata} was made by PostgreSQL {made_by}, by a newer Kunak; this one brings "
                f"PostgreSQL {ours}. Update Kunak, or choose another folder with --data-dir."
            )
        if made_by < ours:
            raise ConflictError(
                f"The database in {self.pgdata} was made by PostgreSQL {made_by}, and this Kunak brings {ours}. "
                "Dump it with the Kunak that made it, and restore it into a new folder given with --data-dir."
            )

    def _password(self) -> str:
        try:
            return (self.home / "password").read_text().strip()
        except FileNotFoundError:
            raise TerminalError(
                f"The database password is gone: restore {self.home / 'password'} from a backup of the data directory."
            ) from None

    def _make_password(self) -> Path:
        """The file of a new one, or of the one that is there."""
        path = self.home / "password"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
            self.account.own(path)
        return path

    def _usual_port(self) -> int:
        return FIRST_PORT + int(cluster_name(self.pgdata).removeprefix("kunak-"), 16) % PORTS

    def _ports(self) -> list[int]:
        """Free ones to try in turn, the usual one first: after a restart its clients look for it there."""
        first = self._usual_port()
        near = range(first, first + 50)
        return [port for port in near if _is_free(port)]


def _system() -> str:
    """Names whose processes we see: the container's, or the machine's."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return socket.gethostname()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """A cancellation waits for it, so that nothing is half-done when the lock is given back."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        task.exception()  # looked at, so that nobody reports it as forgotten
        raise
