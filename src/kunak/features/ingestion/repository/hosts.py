"""The queries about whose turn it is at a host."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kunak.foundation.db.engine import Sessions

_CLASS = 0x6B756E77  # "kunw"
_LOCK = text("SELECT pg_advisory_lock(:class, hashtext(:host))")
_UNLOCK = text("SELECT pg_advisory_unlock(:class, hashtext(:host))")
_LOOK = text("""
SELECT greatest(free_at - now(), '0'), greatest(closed_until - now(), '0') FROM web_hosts WHERE host = :host
""")
_GIVE_BACK = text("""
INSERT INTO web_hosts AS known (host, free_at) VALUES (:host, now() + CAST(:pause AS interval))
ON CONFLICT (host) DO UPDATE SET free_at = excluded.free_at
""")
_CLOSE = text("""
INSERT INTO web_hosts AS known (host, free_at, closed_until) VALUES (:host, now(), now() + CAST(:closed AS interval))
ON CONFLICT (host) DO UPDATE SET closed_until = excluded.closed_until
""")
_FORGET = text("DELETE FROM web_hosts WHERE greatest(free_at, closed_until) < now() - interval '1 day'")
_NONE = timedelta()


@asynccontextmanager
async def hold_host(sessions: Sessions, host: str) -> AsyncIterator[AsyncConnection]:
    """Wait until nobody else holds the host, and hold it for the block.

    The lock belongs to a connection of its own: it ends with the process that holds it, however that ends.
    """
    values = {"class": _CLASS, "host": host}
    async with sessions() as session:
        connection = await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        try:
            await connection.execute(_LOCK, values)
            yield connection
            await connection.execute(_UNLOCK, values)
        except BaseException:
            # Broken off on the way to the lock or back, nobody knows whether this connection still has it.
            await connection.invalidate()
            raise


async def look_at_host(connection: AsyncConnection, host: str) -> tuple[timedelta, timedelta]:
    """How long until it may be asked again, and for how long it has asked to be left alone."""
    row = (await connection.execute(_LOOK, {"host": host})).one_or_none()
    return (row[0], row[1] or _NONE) if row else (_NONE, _NONE)


async def pause_host(connection: AsyncConnection, host: str, pause: timedelta) -> None:
    """It may be asked again after so long."""
    await connection.execute(_GIVE_BACK, {"host": host, "pause": pause})


async def close_host(sessions: Sessions, host: str, closed: timedelta) -> None:
    """It is left alone for so long."""
    async with sessions.begin() as session:
        await session.execute(_CLOSE, {"host": host, "closed": closed})


async def forget_hosts(sessions: Sessions) -> None:
    """Those that nobody has asked for a day."""
    async with sessions.begin() as session:
        await session.execute(_FORGET)
