import asyncio
import contextlib
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest


@pytest.fixture
async def redis_url(open_folder: Path, tmp_path: Path) -> AsyncIterator[str]:
    """A real Redis of this test's own; the test is skipped where none is installed."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    door = open_folder / f"redis-{secrets.token_hex(4)}"  # a port that is free now may be taken the next moment
    arguments = ["--port", "0", "--unixsocket", str(door), "--save", "", "--dir", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(program, *arguments, stdout=asyncio.subprocess.PIPE)
    await until_ready(process)
    yield f"unix://{door}"
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await process.communicate()


async def until_ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if b"ready to accept connections" in line.lower():
            return
    pytest.fail("redis-server did not start")
