"""Jobs belong to the transaction that wrote them."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import RetryableError, TerminalError
from kunak.foundation.jobs.bell import Bell, open_connections
from kunak.foundation.jobs.dead_letters import list_dead_letters, replay_dead_letters
from kunak.foundation.jobs.job import Job, Queue
from kunak.foundation.jobs.manager import NEXT
from kunak.foundation.jobs.queue import enqueue, install_queue
from kunak.foundation.jobs.worker import Handlers, WorkerOptions, run_jobs


@dataclass(frozen=True)
class GreetPerson(Job):
    queue: ClassVar[Queue] = Queue.EFFECTS
    name: str


class Greeter:
    """Notes whom it greeted; fails as often as it is told to."""

    def __init__(self, failures: list[Exception] | None = None) -> None:
        self.greeted: list[str] = []
        self.failures = failures or []
        self.heard = asyncio.Event()

    async def __call__(self, job: GreetPerson) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.greeted.append(job.name)
        self.heard.set()


async def run_until(url: str, greeter: Greeter, heard: asyncio.Event) -> None:
    stop = asyncio.Event()
    handlers = Handlers()
    handlers.add(GreetPerson, greeter)
    options = WorkerOptions(concurrency=4, first_pause=timedelta(milliseconds=1), max_attempts=3)
    running = asyncio.create_task(run_jobs(url, handlers, options, stop))
    async with asyncio.timeout(60):
        await heard.wait()
    stop.set()
    await running


async def test_a_job_runs_after_its_transaction(sessions: Sessions, database_url: str) -> None:
    greeter = Greeter()
    async with sessions.begin() as session:
        await enqueue(session, [GreetPerson("Алиса")])
    await run_until(database_url, greeter, greeter.heard)
    assert greeter.greeted == ["Алиса"]


async def test_a_job_enqueued_first_is_rolled_back_too(sessions: Sessions, database_url: str) -> None:
    greeter = Greeter()
    async with sessions() as session:
        await enqueue(session, [GreetPerson("Чарли")])
        await session.rollback()
    async with sessions.begin() as session:
        await enqueue(session, [GreetPerson("Алиса")])
    await run_until(database_url, greeter, greeter.heard)
    assert greeter.greeted == ["Алиса"]


async def test_a_retryable_failure_is_tried_again(sessions: Sessions, database_url: str) -> None:
    greeter = Greeter([RetryableError("busy", retry_after=0), RuntimeError("odd")])
    async with sessions.begin() as session:
        await enqueue(session, [GreetPerson("Алиса")])
    await run_until(database_url, greeter, greeter.heard)
    assert greeter.greeted == ["Алиса"]


async def test_a_permanent_failure_is_held_and_can_be_replayed(sessions: Sessions, database_url: str) -> None:
    greeter = Greeter([TerminalError("not this one")])
    async with sessions.begin() as session:
        await enqueue(session, [GreetPerson("Боб"), GreetPerson("Алиса")])
    await run_until(database_url, greeter, greeter.heard)
    async with sessions.begin() as session:
        [letter] = await list_dead_letters(session)
        assert (letter.job, letter.fields, letter.error) == ("GreetPerson", {"name": "Боб"}, "not this one")
        assert await replay_dead_letters(session, [letter.id]) == 1
    again = Greeter()
    await run_until(database_url, again, again.heard)
    assert again.greeted == ["Боб"]


class Shop:
    """Serves whoever it is told to, and notes who has come in."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[str] = asyncio.Queue()
        self.served: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def __call__(self, job: GreetPerson) -> None:
        self.came.put_nowait(job.name)
        await self.served[job.name].wait()


async def test_no_more_jobs_run_at_once_than_may_and_the_next_comes_when_one_is_done(
    sessions: Sessions, database_url: str
) -> None:
    people = ["Алиса", "Боб", "Чарли", "Дина", "Ева"]
    shop, handlers, stop = Shop(), Handlers(), asyncio.Event()
    handlers.add(GreetPerson, shop)
    async with sessions.begin() as session:
        await enqueue(session, [GreetPerson(each) for each in people])
    running = asyncio.create_task(run_jobs(database_url, handlers, WorkerOptions(concurrency=2), stop))
    async with asyncio.timeout(20):
        for number, name in enumerate(people):
            assert await shop.came.get() == name
            if number:
                assert shop.came.empty()
                shop.served[people[number - 1]].set()
        shop.served["Ева"].set()
    stop.set()
    await running


async def test_a_queue_is_woken_by_its_own_jobs_alone(sessions: Sessions, database_url: str) -> None:
    bell, woken, others = Bell(), asyncio.Event(), list[str | bytes | bytearray]()
    bell.wake_at(Queue.EFFECTS, lambda _: woken.set())
    bell.wake_at(Queue.MESSAGES, others.append)
    async with open_connections(database_url, bell), asyncio.timeout(20):
        async with sessions.begin() as session:
            await enqueue(session, [GreetPerson("Алиса"), GreetPerson("Боб")])
        await woken.wait()
    assert others == []


async def test_a_start_keeps_nobody_from_the_queue(engine: AsyncEngine, sessions: Sessions) -> None:
    """One who has put a job into it and goes on working is not waited for, and nobody waits behind who starts."""
    async with sessions.begin() as session, asyncio.timeout(20):
        await enqueue(session, [GreetPerson("Алиса")])
        await install_queue(engine)


async def test_nobody_is_told_of_jobs_that_are_done(sessions: Sessions) -> None:
    async with sessions() as session:
        found = await session.execute(text("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal"))
    assert {("tg_pgqueuer_bell", b"O"), ("tg_pgqueuer_changed", b"D")} <= {tuple(row) for row in found}


async def test_what_comes_next_is_found_without_reading_all_that_waits(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        fill = "INSERT INTO pgqueuer (priority, status, entrypoint, execute_after, payload)"
        many = "SELECT 0, 'queued', 'effects', now() + number * interval '1 s', '' FROM generate_series(1, 2000) number"
        await session.execute(text(f"{fill} {many}"))
        await session.execute(text("ANALYZE pgqueuer"))
        plan = await session.execute(text("EXPLAIN " + NEXT.replace("$1", "'effects'")))
    assert "Sort" not in str(plan.all())
