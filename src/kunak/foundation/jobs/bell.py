"""Who waits for jobs of a queue is woken by those of that queue, and by nothing else.

PgQueuer's own trigger tells everybody of everything, of each finished job as well, and each who is told asks the
database several things: with a handful of queues most of its work, and of ours, was waking for nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.models import TableChangedEvent
from pgqueuer.ports.driver import NotifyCallback

from kunak.foundation.clock import now
from kunak.foundation.jobs.job import Queue
from kunak.foundation.jobs.queue import CHANNEL, TABLES


class Bell:
    """Hears on one connection which queues have new jobs, and wakes those who wait for them."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[NotifyCallback]] = {}

    def wake_at(self, queue: Queue, callback: NotifyCallback) -> None:
        """`callback` is called for new jobs of `queue`, and for what PgQueuer says to itself."""
        self._waiting.setdefault(queue.value, []).append(callback)

    def ring(self, queue: str) -> None:
        """Wakes who waits for this queue; not one of another process, which rings for itself."""
        for callback in self._waiting.get(queue, ()):
            callback(_news())

    def hear(self, _connection: object, _process: object, _channel: object, said: object) -> None:
        """What PostgreSQL tells, in the form in which asyncpg hands it on."""
        if not isinstance(said, str):
            return
        if not said.startswith("{"):
            self.ring(said)
            return
        for callback in [each for callbacks in self._waiting.values() for each in callbacks]:
            callback(said)


class QueueDriver(AsyncpgPoolDriver):
    """Reaches the database on behalf of one queue."""

    def __init__(self, pool: asyncpg.Pool, bell: Bell, queue: Queue) -> None:
        super().__init__(pool)
        self._connections, self._bell, self._queue = pool, bell, queue

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:  # noqa: ARG002  there is but one
        self._bell.wake_at(self._queue, callback)

    async def notify(self, channel: str, payload: str) -> None:  # noqa: ARG002  there is but one
        await self._connections.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)


@asynccontextmanager
async def open_connections(dsn: str, bell: Bell) -> AsyncIterator[asyncpg.Pool]:
    """Connections for the queues, one more of which `bell` hears by within the block.

    Nothing that is done on them outlives its statement: resetting them after each would double the round trips.
    """
    async with (
        asyncpg.create_pool(dsn, min_size=2, max_size=6, reset=_leave, server_settings={"jit": "off"}) as pool,
        pool.acquire() as connection,
    ):
        await connection.add_listener(CHANNEL, bell.hear)
        try:
            yield pool
        finally:
            if not connection.is_closed():
                await connection.remove_listener(CHANNEL, bell.hear)


async def _leave(_: asyncpg.Connection) -> None:
    """As it is."""


def _news() -> str:
    return TableChangedEvent(
        channel=TABLES.channel, sent_at=now(), type="table_changed_event", operation="insert", table=TABLES.queue_table
    ).model_dump_json(exclude={"received_at"})
