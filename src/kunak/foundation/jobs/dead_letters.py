"""Jobs that were given up: held with their error until a person replays them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import BigInteger

from kunak.foundation.jobs.queue import TABLES

_LIST = text(f"""
    SELECT job.id, job.entrypoint, job.payload, job.attempts, job.updated,
           (SELECT log.traceback ->> 'exception_message' FROM {TABLES.queue_table_log} log
             WHERE log.job_id = job.id AND log.traceback IS NOT NULL ORDER BY log.created DESC LIMIT 1) AS error
      FROM {TABLES.queue_table} job
     WHERE job.status = 'failed' AND (CAST(:queue AS text) IS NULL OR job.entrypoint = :queue)
     ORDER BY job.id LIMIT :limit
""")  # noqa: S608  table names are constants of ours
_REPLAY = text(f"""
    UPDATE {TABLES.queue_table} SET status = 'queued', attempts = 0, execute_after = now(), updated = now()
     WHERE status = 'failed' AND id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))  # noqa: S608  as above
_PRUNE = (
    text(f"DELETE FROM {TABLES.queue_table_log} WHERE created < now() - interval '2 days'"),  # noqa: S608  as above
    text(f"DELETE FROM {TABLES.statistics_table} WHERE created < now() - interval '30 days'"),  # noqa: S608  as above
)


@dataclass(frozen=True)
class DeadLetter:
    """A held job: its id, queue, name and fields, how often it was tried, when and with which error it ended."""

    id: int
    queue: str
    job: str
    fields: dict[str, Any]
    attempts: int
    at: datetime
    error: str | None


async def list_dead_letters(session: AsyncSession, queue: str | None = None, limit: int = 100) -> list[DeadLetter]:
    """The oldest `limit` held jobs, of one queue or of all."""
    rows = await session.execute(_LIST, {"queue": queue, "limit": limit})
    letters = []
    for row in rows:
        stored = orjson.loads(row.payload or b"{}")
        letters.append(
            DeadLetter(
                row.id, row.entrypoint, stored.get("job", ""), stored.get("with", {}), row.attempts, row.updated,
                row.error,
            )
        )  # fmt: skip
    return letters


async def replay_dead_letters(session: AsyncSession, ids: list[int]) -> int:
    """Put held jobs back into their queues with a clean count of tries; how many were held."""
    done = await session.execute(_REPLAY, {"ids": ids})
    return int(getattr(done, "rowcount", 0))


async def prune_job_log(session: AsyncSession) -> None:
    """Forget what finished jobs wrote more than two days ago, and counts more than thirty days old."""
    for statement in _PRUNE:
        await session.execute(statement)
