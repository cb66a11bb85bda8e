"""Runs jobs."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job as QueuedJob
from pgqueuer.models import Schedule as DueSchedule
from pgqueuer.sm import SchedulerManager

from kunak.foundation.clock import sleep_unless
from kunak.foundation.errors import ErrorClass, KunakError, RetryableError
from kunak.foundation.jobs.bell import Bell, open_connections
from kunak.foundation.jobs.job import Job, Queue, Schedule
from kunak.foundation.jobs.manager import OneQueue, open_queue
from kunak.foundation.jobs.queue import queries

Handler = Callable[[Any], Awaitable[None]]
log = logging.getLogger(__name__)

_RECONNECT_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_LISTENER_CHECK_S = 10.0
# A job that another worker put back, or let fall, notifies nobody: it is found by looking.
_LOOK_ANYWAY = timedelta(seconds=1)
_LONGEST_WAIT_S = 86_400.0  # whatever the other side asks for
_STEADY_S = 60.0  # a connection that held for so long had nothing to do with the failures before it


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker runs its jobs. `concurrency`: jobs of each queue at once."""

    concurrency: int = 64
    heartbeat: timedelta = timedelta(seconds=30)
    max_attempts: int = 10
    first_pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(minutes=5)


class Handlers:
    """Which function handles which kind of job."""

    def __init__(self) -> None:
        self._by_name: dict[str, tuple[type[Job], Handler]] = {}
        self.schedules: list[Schedule] = []

    def add(self, job_type: type[Job], handler: Handler) -> None:
        self._by_name[job_type.__name__] = (job_type, handler)

    def repeat(self, cron: str, job: Job) -> None:
        self.schedules.append(Schedule(cron, job))

    @property
    def job_types(self) -> set[type[Job]]:
        return {job_type for job_type, _ in self._by_name.values()}

    @property
    def queues(self) -> set[Queue]:
        return {job_type.queue for job_type in self.job_types}

    async def handle(self, payload: bytes) -> None:
        """Decode a job and run its handler.

        Raises:
            KunakError: there is no handler of that name.
        """
        stored = orjson.loads(payload)
        if stored["job"] not in self._by_name:
            raise KunakError(f"No handler for the job {stored['job']}; a newer version wrote it.")
        job_type, handler = self._by_name[stored["job"]]
        await handler(job_type.from_fields(stored["with"]))


async def run_jobs(dsn: str, handlers: Handlers, options: WorkerOptions, stop: asyncio.Event) -> None:
    """Run jobs until `stop` is set; reconnects when the database goes away. Jobs in hand are finished first."""
    failures = 0
    while not stop.is_set():
        began = time.monotonic()
        try:
            await _run_connected(dsn, handlers, options, stop)
        except Exception as error:  # noqa: BLE001  a worker outlives whatever becomes of its queue and its database
            failures = 0 if time.monotonic() - began > _STEADY_S else failures
            pause = _RECONNECT_S[min(failures, len(_RECONNECT_S) - 1)]
            failures += 1
            log.warning("jobs: the queue broke off (%s); again in %.1f s", type(error).__name__, pause)
            await sleep_unless(pause, stop)


async def _run_connected(dsn: str, handlers: Handlers, options: WorkerOptions, stop: asyncio.Event) -> None:
    bell = Bell()
    async with open_connections(dsn, bell) as pool:
        runner = _Runner(handlers, options, stop)
        # One a queue: when a Bot API server hangs and every delivery waits for it, answers and effects go on.
        managers = [open_queue(pool, bell, each, options.concurrency) for each in sorted(handlers.queues)]
        for manager in managers:
            manager.entrypoint(manager.queue, on_failure="hold")(runner.run)
        queue = queries(AsyncpgPoolDriver(pool))
        scheduler = SchedulerManager(queue)
        for schedule in handlers.schedules:
            name = type(schedule.job).__name__
            scheduler.schedule(name, schedule.cron, clean_old=True)(_Tick(queue, schedule.job))
        await _until_stopped(managers, scheduler, options, stop)


async def _until_stopped(
    managers: list[OneQueue], scheduler: SchedulerManager, options: WorkerOptions, stop: asyncio.Event
) -> None:
    works = [
        manager.run(
            dequeue_timeout=_LOOK_ANYWAY,
            batch_size=max(options.concurrency // 2, 1),
            heartbeat_timeout=options.heartbeat,
        )
        for manager in managers
    ]
    if scheduler.registry:
        works.append(scheduler.run())
    running = [asyncio.ensure_future(work) for work in works]
    watching = asyncio.ensure_future(_watch_listener(managers[0]))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([*running, watching, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for manager in managers:
            manager.shutdown.set()
        scheduler.shutdown.set()
        stopping.cancel()
        watching.cancel()
        outcomes = await asyncio.gather(*running, watching, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _watch_listener(manager: OneQueue) -> None:
    """Ends with an error when notifications no longer arrive.

    PgQueuer's own watch asks before it listens: on a busy machine the first question gets lost, and it gives up for
    nothing.
    """
    while True:
        await asyncio.sleep(_LISTENER_CHECK_S)
        await manager.listener_healthy(timedelta(seconds=_LISTENER_CHECK_S))


@dataclass
class _Runner:
    """Runs one job and decides what a failure means: again later, or held as a dead letter."""

    handlers: Handlers
    options: WorkerOptions
    stop: asyncio.Event

    async def run(self, job: QueuedJob) -> None:
        try:
            await self.handlers.handle(job.payload or b"")
        except asyncio.CancelledError:
            if not self.stop.is_set():
                raise
            # We are told to go before the job is done: it goes back into the queue, PgQueuer would drop it.
            raise RetryRequested(reason="the worker stopped") from None
        except Exception as error:
            if job.attempts + 1 >= self.options.max_attempts or _is_permanent(error):
                raise
            raise RetryRequested(self._pause(job.attempts, error), reason=type(error).__name__) from error

    def _pause(self, attempts: int, error: Exception) -> timedelta:
        if isinstance(error, RetryableError) and error.retry_after is not None:
            return timedelta(seconds=min(error.retry_after, _LONGEST_WAIT_S))
        doubled: timedelta = self.options.first_pause * 2 ** min(attempts, 30)
        return min(doubled, self.options.longest_pause) * random.uniform(0.5, 1.0)  # noqa: S311  jitter, not a secret


def _is_permanent(error: Exception) -> bool:
    return isinstance(error, KunakError) and error.error_class is not ErrorClass.RETRYABLE


class _Tick:
    """Puts a scheduled job into its queue when the clock says so; one that still waits is not doubled."""

    def __init__(self, queue: Any, job: Job) -> None:
        self._queue = queue
        self._job = job

    async def __call__(self, _: DueSchedule) -> None:
        await self._queue.enqueue(
            self._job.queue.value, self._job.to_bytes(), dedupe_key=type(self._job).__name__, on_conflict="skip"
        )
