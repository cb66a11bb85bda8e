"""Databases that live for one piece of work: measurements, never the user's data."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from kunak.foundation.db.engine import create_engine
from kunak.foundation.errors import InvalidInputError

_PREFIX = "kunak_scratch_"
_NAME = re.compile(rf"{_PREFIX}[0-9a-f]{{12}}")


@asynccontextmanager
async def scratch_database(server_url: str) -> AsyncIterator[str]:
    """The address of a new, empty database on the server at `server_url`; dropped when the block ends, however it ends.

    One that a killed process left behind is dropped by the next: its owner no longer holds the lock on its name.

    Raises:
        InvalidInputError: the user of `server_url` may not create databases.
    """
    name = _PREFIX + secrets.token_hex(6)
    engine = create_engine(server_url, pool_size=1, name="kunak-scratch").execution_options(
        isolation_level="AUTOCOMMIT"
    )
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": name})
            await _create(connection, name)
            try:
                await _drop_forgotten(connection, name)
                yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
            finally:
                await _drop(connection, name)
    finally:
        await engine.dispose()


async def _create(connection: AsyncConnection, name: str) -> None:
    try:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    except DBAPIError as error:
        if not isinstance(error.orig and error.orig.__cause__, asyncpg.InsufficientPrivilegeError):
            raise
        raise InvalidInputError(
            "Measuring needs a database of its own, and the user of DATABASE_URL may not create one. "
            "Give it the right CREATEDB, or leave DATABASE_URL out to measure on the embedded server."
        ) from error


async def _drop_forgotten(connection: AsyncConnection, own: str) -> None:
    names = text("SELECT datname FROM pg_database WHERE starts_with(datname, :prefix) AND datname <> :own")
    for name in filter(_NAME.fullmatch, (await connection.scalars(names, {"prefix": _PREFIX, "own": own})).all()):
        if await connection.scalar(text("SELECT pg_try_advisory_lock(hashtext(:name))"), {"name": name}):
            await _drop(connection, name)
            await connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": name})


async def _drop(connection: AsyncConnection, name: str) -> None:
    await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
