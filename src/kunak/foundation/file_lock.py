"""Locks between processes, on files. The kernel frees them however their holder dies, so none is ever stale."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kunak.foundation.errors import ConflictError

POLL_S = 0.05


class FileLock:
    """One process's hold on a file: none, shared with others, or exclusive."""

    def __init__(self, path: Path) -> None:
        # Opened to read only: a file made by root may then be locked by another user.
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self.path = path

    def try_shared(self) -> bool:
        """Whether the lock is now held together with others; never waits."""
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Whether the lock is now held alone; never waits. A failed try may lose a shared hold."""
        return self._try(fcntl.LOCK_EX)

    def close(self) -> None:
        """Gives the lock back."""
        os.close(self._descriptor)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@asynccontextmanager
async def exclusively(path: Path, *, within_s: float) -> AsyncIterator[None]:
    """Holds the file's lock alone for the block.

    Raises:
        ConflictError: another process did not let go of it within `within_s` seconds.
    """
    lock = FileLock(path)
    try:
        await _wait_for(lock, within_s)
        yield
    finally:
        lock.close()


async def _wait_for(lock: FileLock, within_s: float) -> None:
    try:
        async with asyncio.timeout(within_s):
            # A blocking flock in a thread could not be cancelled, and would take the lock later.
            while not lock.try_exclusive():  # noqa: ASYNC110  the kernel offers no event for it
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise ConflictError(
            f"Another Kunak process has held {lock.path} for over {within_s:.0f} seconds. "
            "Wait for it to finish or stop it, then try again."
        ) from None
