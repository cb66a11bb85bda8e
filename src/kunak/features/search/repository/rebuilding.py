"""The queries that remember how far a rebuilding of the index has come."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def lock_rebuilding(session: AsyncSession) -> None:
    """One batch at a time, whoever rebuilds."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('search_rebuilding'))"))


async def get_done_to(session: AsyncSession, kind: str) -> int:
    """The last thing whose entries are new; 0 when no rebuilding goes on."""
    statement = text("SELECT done_to FROM search_rebuilding WHERE kind = :kind")
    return await session.scalar(statement, {"kind": kind}) or 0


async def keep_done_to(session: AsyncSession, kind: str, thing_id: int) -> None:
    statement = text("""
        INSERT INTO search_rebuilding (kind, done_to) VALUES (:kind, :done_to)
        ON CONFLICT (kind) DO UPDATE SET done_to = excluded.done_to
    """)
    await session.execute(statement, {"kind": kind, "done_to": thing_id})


async def forget_rebuilding(session: AsyncSession, kind: str) -> None:
    await session.execute(text("DELETE FROM search_rebuilding WHERE kind = :kind"), {"kind": kind})
