import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError

import pytest

SMALL_HOUSE = Path(__file__).parent / "small_house.py"
PATIENCE_S = 60


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
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  the address we were just told
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


@pytest.fixture(scope="module")
def kunak(open_folder: Path, request: pytest.FixtureRequest) -> Kunak:
    """One data directory a module: the server is unpacked once."""
    return Kunak(open_folder / str(request.module.__name__).rsplit(".", 1)[-1])


@pytest.fixture
def kunak_in(open_folder: Path) -> Callable[[str], Kunak]:
    """On a data directory of its own."""
    return lambda name: Kunak(open_folder / name)
