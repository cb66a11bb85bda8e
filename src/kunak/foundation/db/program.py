"""Runs a program that a cancellation breaks off, and that our terminal's Ctrl-C does not reach."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Any


async def run_program(
    program: Path, *arguments: str | Path, timeout_s: float | None = None, **options: Any
) -> "subprocess.CompletedProcess[str]":
    """Waits for it; `options` are those of subprocess.Popen.

    Cancelled or out of time, it kills the program with all that it started in its group, and returns when it is gone.

    Raises:
        subprocess.TimeoutExpired: it took longer than `timeout_s` seconds.
    """
    # In a session of its own: Ctrl-C goes to the whole group of the terminal.
    process = subprocess.Popen(  # noqa: ASYNC220, S603  uvloop's way knows no other user; our own words
        [program, *arguments],
        **options,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        listening = asyncio.ensure_future(asyncio.to_thread(process.communicate, timeout=timeout_s))
        try:
            out, said = await asyncio.shield(listening)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.wait({listening})
            listening.exception()  # looked at, so that nobody reports it as forgotten
            raise
    return subprocess.CompletedProcess([program, *arguments], process.returncode, out, said)
