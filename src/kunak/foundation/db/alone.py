"""Work that only one process does at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine


@asynccontextmanager
async def alone(engine: AsyncEngine, work: str) -> AsyncIterator[bool]:
    """Whether nobody else does this work; for as long as the block lasts, or the process lives, nobody else will."""
    name = {"name": work}
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if not await connection.scalar(text("SELECT pg_try_advisory_lock(hashtext(:name))"), name):
            yield False
            return
        try:
            yield True
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), name)
