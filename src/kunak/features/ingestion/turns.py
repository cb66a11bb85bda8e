"""Whose turn it is at a host, among all processes that share the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from kunak.features.ingestion.repository import hosts as repository
from kunak.foundation.db.engine import Sessions


class SharedTurns:
    """See `Turns`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @asynccontextmanager
    async def turn(self, host: str, *, pause_s: float) -> AsyncIterator[float]:
        """See `Turns.turn`."""
        async with repository.hold_host(self._sessions, host) as connection:
            wait, closed = await repository.look_at_host(connection, host)
            if closed:
                yield closed.total_seconds()
                return
            await asyncio.sleep(wait.total_seconds())
            try:
                yield 0.0
            finally:
                await repository.pause_host(connection, host, timedelta(seconds=pause_s))

    async def close(self, host: str, seconds: float) -> None:
        """See `Turns.close`."""
        await repository.close_host(self._sessions, host, timedelta(seconds=seconds))
