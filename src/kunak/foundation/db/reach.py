"""Whether a database named by the user answers; when it does not, which word of its address is wrong."""

import socket

import asyncpg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from kunak.foundation.errors import InvalidInputError, KunakError, RetryableError

ANSWER_S = 10.0
OLDEST = 15


async def check_answers(url: str) -> None:
    """Connects once.

    Raises:
        KunakError: one sentence with the cause and the way out; it names the host, never the password.
    """
    address = _parse(url)
    try:
        connection = await asyncpg.connect(
            address.set(drivername="postgresql").render_as_string(hide_password=False), timeout=ANSWER_S
        )
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _explain(error, address) from error
    try:
        _check_version(connection.get_server_version().major)
    finally:
        await connection.close()


def _parse(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        address = None
    if address is None or address.get_backend_name() not in ("postgresql", "postgres"):
        raise InvalidInputError(
            "DATABASE_URL is not an address of a PostgreSQL; it looks like postgresql://user:password@host:5432/database."
        ) from None
    return address


def _explain(error: Exception, address: URL) -> KunakError:
    place = f"{address.host or 'localhost'}:{address.port or 5432}"
    database = address.database or address.username
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return InvalidInputError(
                f"The database server at {place} refuses the user {address.username}. "
                "Check the user and the password in DATABASE_URL."
            )
        case asyncpg.InvalidCatalogNameError():
            return InvalidInputError(
                f'There is no database "{database}" at {place}. '
                f'Make it there with: CREATE DATABASE "{database}"; or name another in DATABASE_URL.'
            )
        case asyncpg.CannotConnectNowError() | asyncpg.TooManyConnectionsError():
            return RetryableError(
                f"The database server at {place} takes no connection just now: {error}. Try again soon."
            )
        case socket.gaierror():
            return InvalidInputError(f"The host {address.host} is not known. Check DATABASE_URL.")
        case TimeoutError() | OSError():
            return RetryableError(
                f"No database server answers at {place}. Check DATABASE_URL, and that the server runs."
            )
    return InvalidInputError(f"The database at {place} cannot be used: {error}")


def _check_version(major: int) -> None:
    if major < OLDEST:
        raise InvalidInputError(f"Kunak needs PostgreSQL {OLDEST} or newer; the server of DATABASE_URL is {major}.")
