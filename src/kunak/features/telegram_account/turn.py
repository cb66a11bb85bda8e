"""Whose turn it is: one process at a time speaks to Telegram as the account.

The lock belongs to a connection of its own: it ends with the process that holds it, however that ends.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.foundation.db.engine import Sessions

_NAME = {"class": 0x6B756E74, "id": 1}  # "kunt"
_TRY = text("SELECT pg_try_advisory_lock(:class, :id)")
_WAIT = text("SELECT pg_advisory_lock(:class, :id)")
_UNLOCK = text("SELECT pg_advisory_unlock(:class, :id)")
_PATIENCE = text("SELECT set_config('lock_timeout', :patience, false)")
_IS_WANTED = text("""
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted AND classid = :class AND objid = :id
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
""")
_TIMED_OUT = "55P03"


@asynccontextmanager
async def hold_turn(sessions: Sessions, *, wait_s: float) -> AsyncIterator[bool]:
    """Whether it is our turn, for the block; no longer than `wait_s` seconds are waited for it."""
    async with sessions() as session:
        # No transaction: one that is open for hours would keep PostgreSQL from cleaning up.
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        held = await _take(session, wait_s)
        try:
            yield held
        finally:
            if held:
                await session.execute(_UNLOCK, _NAME)


async def is_turn_wanted(session: AsyncSession) -> bool:
    """Whether another process waits for its turn."""
    return bool(await session.scalar(_IS_WANTED, _NAME))


async def _take(session: AsyncSession, wait_s: float) -> bool:
    if await session.scalar(_TRY, _NAME):
        return True
    if wait_s <= 0:
        return False
    await session.execute(_PATIENCE, {"patience": f"{round(wait_s * 1000)}ms"})
    got_it = await _wait(session)
    await session.execute(_PATIENCE, {"patience": "0"})
    return got_it


async def _wait(session: AsyncSession) -> bool:
    try:
        await session.execute(_WAIT, _NAME)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _TIMED_OUT:
            raise
        return False
    return True
