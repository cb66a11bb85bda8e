"""Is this error the database being away, or something wrong with what was asked?"""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# SQLSTATE classes: connection, resources, shutdown and start-up, lost races (serialization, deadlock, lock time-out).
_PASSING = ("08", "53", "57", "40", "55P03", "58")

# Data that cannot be, limits of one row or index entry, checks of a table.
_REFUSING = ("22", "54", "23514")


def is_outage(error: BaseException) -> bool:
    """Whether the same request may well succeed a little later."""
    if isinstance(error, OSError | TimeoutError | InterfaceError | OperationalError | PoolTimeoutError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _sqlstate(error.orig).startswith(_PASSING)
    if isinstance(error, asyncpg.PostgresError):
        return _sqlstate(error).startswith(_PASSING)
    return isinstance(error, asyncpg.InterfaceError)


def is_refusal(error: BaseException) -> bool:
    """Whether the database does not take a value that was given to it, and never will."""
    return isinstance(error, DBAPIError) and _sqlstate(error.orig).startswith(_REFUSING)


def _sqlstate(error: BaseException | None) -> str:
    return getattr(error, "sqlstate", None) or ""
