"""Takes the jobs of one queue, as many as may run at once, and asks the database no more often than it must."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer.models import Context
from pgqueuer.models import Job as QueuedJob
from pgqueuer.ports.repository import EntrypointExecutionParameter
from pgqueuer.qm import QueueManager
from pgqueuer.types import JobId, QueueEntrypoint
from typing_extensions import override

from kunak.foundation.jobs.bell import Bell, QueueDriver
from kunak.foundation.jobs.job import Queue
from kunak.foundation.jobs.queue import TABLES, queries

# PgQueuer looks again after this long when a job came between its last look and its falling asleep. Its own 100 ms
# would be the slowest part of an answer.
_LOOK_AGAIN = timedelta(milliseconds=3)
NEXT = f"""
    SELECT execute_after - now() AS due_in FROM {TABLES.queue_table}
     WHERE status = 'queued' AND entrypoint = $1 ORDER BY execute_after LIMIT 1
"""  # noqa: S608  the name of a table is a constant of ours
"""When the next job of a queue is due: the first in the index, however many wait."""


@dataclass
class OneQueue(QueueManager):
    """PgQueuer's manager with a bound of our own: `most` jobs at once, counted here and not by a query."""

    most: int = field(kw_only=True)
    bell: Bell = field(kw_only=True)
    queue: Queue = field(kw_only=True)

    @override
    async def fetch_jobs(
        self, batch_size: int, global_concurrency_limit: int | None, heartbeat_timeout: timedelta
    ) -> AsyncGenerator[QueuedJob, None]:
        """See `QueueManager`. A batch that is not full was the last: the bell tells of what comes after it."""
        parameters = {QueueEntrypoint(self.queue): EntrypointExecutionParameter(concurrency_limit=0)}
        while not self.shutdown.is_set() and (room := min(batch_size, self._room)) > 0:
            jobs = await self.queries.dequeue(
                room, parameters, self.queue_manager_id, global_concurrency_limit, heartbeat_timeout
            )
            for job in jobs:
                yield job
            if len(jobs) < room:
                return

    @override
    def forget_job(self, job_id: JobId, context: Context, task: "asyncio.Task[None]") -> None:
        """See `QueueManager`. What waited for room may come now; and of what it has put back nobody tells."""
        was_full, is_put_back = self._room <= 0, job_id not in self.job_context
        super().forget_job(job_id, context, task)
        if was_full or is_put_back:
            self.bell.ring(self.queue)

    @override
    async def _effective_dequeue_timeout(self, dequeue_timeout: timedelta) -> timedelta:
        """How long to sleep unless the bell rings, by one question in place of PgQueuer's three."""
        if self._room <= 0:
            return dequeue_timeout
        rows: list[dict[str, Any]] = await self.queries.driver.fetch(NEXT, self.queue.value)
        return min(max(rows[0]["due_in"], _LOOK_AGAIN), dequeue_timeout) if rows else dequeue_timeout

    @property
    def _room(self) -> int:
        return self.most - len(self.job_context)


def open_queue(pool: asyncpg.Pool, bell: Bell, queue: Queue, most: int) -> OneQueue:
    return OneQueue(queries(QueueDriver(pool, bell, queue)), most=most, bell=bell, queue=queue)
