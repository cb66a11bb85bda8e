import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError

import pytest
from click.testing import CliRunner

from kunak.cli import main
from kunak.processes import lifetime

SMALL_HOUSE = Path(__file__).parent / "small_house.py"
PATIENCE_S = 200


class Running:
    """One `kunak` process under test."""

    def __init__(self, process: asyncio.subprocess.Process, said: IO[bytes]) -> None:
        self.process = process
        self._said = said  # a file: a pipe that nobody reads would stop a talkative process
        self.ready: dict[str, Any] = {}

    async def until_ready(self) -> None:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S)
        assert line, self.said()
        self.ready = json.loads(line)

    async def get(self, path: str) -> str:
        return await asyncio.to_thread(_get, str(self.ready.get("web") or self.ready["address"]) + path)

    def send(self, what: signal.Signals) -> None:
        self.process.send_signal(what)

    def press_ctrl_c(self) -> None:
        """What the terminal then does: the signal goes to all that the command started, too."""
        os.killpg(self.process.pid, signal.SIGINT)

    async def ended(self) -> tuple[int, str]:
        """Exit code and what it said on stderr."""
        await asyncio.wait_for(self.process.communicate(), PATIENCE_S)
        assert self.process.returncode is not None
        return self.process.returncode, self.said()

    def said(self) -> str:
        """Everything on stderr so far."""
        self._said.seek(0)
        return self._said.read().decode()

    async def clear_away(self) -> None:
        """Stops it if it still runs, however it can be stopped."""
        with self._said, contextlib.suppress(ProcessLookupError):
            if self.process.returncode is None:
                self.process.terminate()
                try:
                    await self.ended()
                except TimeoutError:
                    self.process.kill()
                    await self.process.communicate()


def _get(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:  # noqa: S310  the address we were just told
            return str(answer.read().decode())
    except HTTPError as error:
        error.close()  # it holds the connection
        raise


async def _spawn(*arguments: str, **environment: str) -> Running:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("KUNAK_", "DATABASE_"))}
    said = tempfile.TemporaryFile()  # noqa: SIM115  closed by whoever reads it
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(SMALL_HOUSE), *arguments),
        env=clean | environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=said,
        start_new_session=True,
    )
    return Running(process, said)


class Kunak:
    """Runs `kunak` on one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    async def start(self, *arguments: str, **environment: str) -> Running:
        """A process that was started and not waited for."""
        return await _spawn(*arguments, "--data-dir", str(self.data_dir), **environment)

    def up(self, *arguments: str, **environment: str) -> AbstractAsyncContextManager[Running]:
        """`kunak up`, ready; stopped after."""
        return self.running("up", "--json", "--port", "0", *arguments, **environment)

    @asynccontextmanager
    async def running(self, *arguments: str, **environment: str) -> AsyncIterator[Running]:
        """A process that says in a line of JSON when it is ready; stopped after."""
        running = await self.start(*arguments, **environment)
        try:
            await running.until_ready()
            yield running
        finally:
            await running.clear_away()

    async def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """A whole command: exit code, and all that it said."""
        running = await self.start(*arguments, **environment)
        try:
            out, _ = await asyncio.wait_for(running.process.communicate(), PATIENCE_S)
            assert running.process.returncode is not None
            return running.process.returncode, out.decode() + running.said()
        finally:
            await running.clear_away()


Command = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Runs a command on the database of this test: exit code, and all that it said.

    Within this process, which has imported already what a process of its own would import for seconds.
    """
    for name in [each for each in os.environ if each.startswith(("KUNAK_", "DATABASE_"))]:
        monkeypatch.delenv(name)
    given = {"DATABASE_URL": database_url, "KUNAK_DATA_DIR": str(tmp_path / "data"), "KUNAK_LOG_LEVEL": "ERROR"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lifetime, "run_to_the_end", _run_in_thread)
    logs = logging.getLogger()
    handlers, level = logs.handlers, logs.level

    async def run(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, main, words)
        return result.exit_code, result.output

    yield run
    logs.handlers, logs.level = handlers, level


def _run_in_thread(work: Callable[[lifetime.Lifetime], Awaitable[Any]]) -> Any:
    """As the real one, but deaf to signals: those are for the main thread."""

    async def run() -> Any:
        return await work(lifetime.Lifetime())

    return asyncio.run(run())


@pytest.fixture(scope="session")
def kunak(open_folder: Path) -> Kunak:
    """On one data directory: the server is unpacked once. Each test leaves it stopped."""
    return Kunak(open_folder / "kunak")


@pytest.fixture
def kunak_in(open_folder: Path) -> Callable[[str], Kunak]:
    """On a data directory of its own."""
    return lambda name: Kunak(open_folder / name)
