"""Who reads a source."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from kunak.foundation.db.engine import Sessions

_CLASS = 0x6B756E73  # "kuns"
_LOCK = text("SELECT pg_try_advisory_lock(:class, :id)")
_UNLOCK = text("SELECT pg_advisory_unlock(:class, :id)")
_ROUND = 2**31


@asynccontextmanager
async def try_hold_source(sessions: Sessions, source_id: int) -> AsyncIterator[bool]:
    """Whether nobody else holds the source; for the block nobody else can.

    The lock belongs to a connection of its own: it ends with the process that holds it, however that ends.
    """
    values = {"class": _CLASS, "id": source_id % _ROUND}
    async with sessions() as session:
        # No transaction: one that is open for minutes would keep PostgreSQL from cleaning up.
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        held = bool(await session.scalar(_LOCK, values))
        try:
            yield held
        finally:
            if held:
                await session.execute(_UNLOCK, values)
