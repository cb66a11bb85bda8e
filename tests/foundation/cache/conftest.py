import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest


@pytest.fixture
async def redis_url(tmp_path: Path) -> AsyncIterator[str]:
    """A real Redis of this test's own; the test is skipped where none is installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(program, *arguments, stdout=asyncio.subprocess.PIPE)
    await until_ready(process)
    yield f"redis://127.0.0.1:{port}/0"
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await process.communicate()


async def until_ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if b"Ready to accept connections" in line:
            return
    pytest.fail("redis-server did not start")
