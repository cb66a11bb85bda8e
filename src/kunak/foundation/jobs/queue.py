"""Writes jobs into PgQueuer's tables, in the caller's transaction."""

from collections.abc import Iterable
from datetime import timedelta

import asyncpg
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.db import AsyncpgDriver, Driver
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from kunak.foundation.jobs.job import Job, Later

# Given whole: PgQueuer would otherwise read names such as CHANNEL or FUNCTION from any environment it runs in.
TABLES = DBSettings(
    prefix="",
    db_schema=None,
    channel="ch_pgqueuer",
    function="fn_pgqueuer_changed",
    statistics_table="pgqueuer_statistics",
    queue_status_type="pgqueuer_status",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    trigger="tg_pgqueuer_changed",
    schedules_table="pgqueuer_schedules",
    durability=Durability.balanced,
    widen_id=True,
)
_QUEUE = QueryQueueBuilder(TABLES)
CHANNEL = "kunak_jobs"
"""Says the name of a queue that has new jobs; or what PgQueuer says to itself, which is JSON."""
_INSTALLING = 0x6B756E616B71  # "kunakq"
_BELL = "tg_pgqueuer_bell"
# PgQueuer's own trigger tells of each finished job as well, and never of which queue.
_HANG_BELL = f"""
    CREATE OR REPLACE FUNCTION fn_pgqueuer_bell() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('{CHANNEL}', entrypoint) FROM (SELECT DISTINCT entrypoint FROM added) AS queues;
        RETURN NULL;
    END $$;
    CREATE OR REPLACE TRIGGER {_BELL} AFTER INSERT ON {TABLES.queue_table}
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION fn_pgqueuer_bell();
    ALTER TABLE {TABLES.queue_table} DISABLE TRIGGER {TABLES.trigger};
"""  # noqa: S608  names are constants of ours
_BELL_HANGS = f"""
    SELECT count(*) = 2 FROM pg_trigger WHERE tgrelid = '{TABLES.queue_table}'::regclass
       AND (tgname = '{_BELL}' OR (tgname = '{TABLES.trigger}' AND tgenabled = 'D'))
"""  # noqa: S608  as above
_ENQUEUE = _QUEUE.build_enqueue_query()
_ENQUEUE_ONCE = _QUEUE.build_enqueue_query("skip")


def queries(driver: Driver) -> Queries:
    return Queries(driver, QueryBuilderEnvironment(TABLES), QueryQueueBuilder(TABLES), QuerySchedulerBuilder(TABLES))


async def install_queue(engine: AsyncEngine) -> None:
    """Create PgQueuer's tables, or bring those of an older release to the present shape."""
    async with engine.connect() as connection:
        raw = await _driver_connection(connection)
        queue = queries(AsyncpgDriver(raw))
        # Two processes that start together on a new database would both find it empty.
        await raw.execute("SELECT pg_advisory_lock($1)", _INSTALLING)
        try:
            if await queue.schema_is_installed():
                await queue.apply_upgrade()
            else:
                await queue.install()
            # Once: it waits for whoever is putting jobs into the queue, and meanwhile all others wait for it.
            if not await raw.fetchval(_BELL_HANGS):
                await raw.execute(_HANG_BELL)
        finally:
            await raw.execute("SELECT pg_advisory_unlock($1)", _INSTALLING)


async def enqueue(session: AsyncSession, jobs: Iterable[Job | Later], *, once: bool = False) -> None:
    """Put `jobs` into their queues, in the transaction of `session`: they run if, and only after, it commits.

    `once`: not those that were put there so before and are not done yet.
    """
    waiting = [job if isinstance(job, Later) else Later(job, timedelta()) for job in jobs]
    if not waiting:
        return
    connection = await session.connection()
    raw = await _driver_connection(connection)
    if not raw.is_in_transaction():
        # SQLAlchemy opens asyncpg's transaction with the first statement; ours goes past it, so a first one is needed.
        await connection.execute(text("SELECT 1"))
    count = len(waiting)
    await raw.fetch(
        _ENQUEUE_ONCE if once else _ENQUEUE,
        [0] * count,
        [each.job.queue.value for each in waiting],
        [each.job.to_bytes() for each in waiting],
        [each.delay for each in waiting],
        [each.job.to_bytes().decode() if once else None for each in waiting],
        ["{}"] * count,
    )


async def _driver_connection(connection: AsyncConnection) -> asyncpg.Connection:
    raw = (await connection.get_raw_connection()).driver_connection
    assert isinstance(raw, asyncpg.Connection)  # noqa: S101  the only driver that create_engine() chooses
    return raw
