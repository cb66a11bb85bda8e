"""Brings a database to the shape this version of Kunak needs."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from kunak.foundation.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
EXTENSIONS = ("vector", "pg_trgm", "unaccent")
_LOCK = 0x6B756E616B  # "kunak": two processes that start together migrate one after the other
_AGAIN_S = 0.2


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    """Migrate up to `revision`, one process at a time.

    Raises:
        InvalidInputError: an extension is missing and may not be created; the sentence holds the SQL that mends it.
        ConflictError: the database was made by a newer version.
    """
    async with engine.connect() as connection:
        await _wait_for_turn(connection)
        try:
            await _create_extensions(connection)
            await connection.run_sync(_upgrade, revision)
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            await connection.commit()


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Migrate down to `revision` (`base` for an empty database)."""
    async with engine.connect() as connection:
        await connection.run_sync(_downgrade, revision)


async def current_revision(engine: AsyncEngine) -> str | None:
    """The revision the database is at; None for one that was never migrated."""
    async with engine.connect() as connection:
        if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            return None
        revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def newest_revision() -> str | None:
    """The revision this version of Kunak brings a database to; from the files' names, which begin with it."""
    return max((path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")), default=None)


async def _wait_for_turn(connection: AsyncConnection) -> None:
    """Asked for again and again: an index that is built concurrently would wait for whoever waits in the database."""
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}):
        await connection.commit()
        await asyncio.sleep(_AGAIN_S)
    await connection.commit()


async def _create_extensions(connection: AsyncConnection) -> None:
    for name in EXTENSIONS:
        try:
            async with connection.begin():
                await connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name}"))
        except Exception as error:
            if not _is_about_extension(error):
                raise
            raise InvalidInputError(
                f"The database lacks the PostgreSQL extension {name} and this user may not add it. "
                f"As a superuser of that database run: CREATE EXTENSION {name};"
            ) from error


def _is_about_extension(error: Exception) -> bool:
    cause = error.__cause__ or error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return isinstance(
        cause,
        asyncpg.FeatureNotSupportedError | asyncpg.UndefinedFileError | asyncpg.InsufficientPrivilegeError,
    )


def _config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415  a command that finds the database ready never needs alembic

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415  as above
    from alembic.util.exc import CommandError  # noqa: PLC0415  as above

    try:
        command.upgrade(_config(connection), revision)
    except CommandError as error:
        if "Can't locate revision" not in str(error):
            raise
        raise ConflictError(
            "This database was made by a newer version of Kunak. Install that version, or name another database."
        ) from error


def _downgrade(connection: Connection, revision: str) -> None:
    from alembic import command  # noqa: PLC0415  as above

    command.downgrade(_config(connection), revision)
