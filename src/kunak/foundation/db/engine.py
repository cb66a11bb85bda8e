"""The connection to PostgreSQL."""

import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]


def create_engine(url: str, *, pool_size: int = 10, name: str = "kunak") -> AsyncEngine:
    """An engine for `url` (`postgresql://…`) with up to twice `pool_size` connections; those that died while idle are
    replaced unnoticed.
    """
    engine = create_async_engine(
        _for_asyncpg(url),
        pool_size=2 * pool_size,
        pool_use_lifo=True,  # the connection used last is warm: a search costs its server a third less
        max_overflow=0,  # what overflows is closed at once and opened again: under load, all the time
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # an error must not carry what somebody wrote into the log
        connect_args={"server_settings": {"application_name": name, "jit": "off"}, "timeout": 10},
    )
    event.listen(engine.sync_engine, "checkout", _refuse_dead)
    return engine


def create_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def create_reading_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose every statement is a transaction by itself, which saves two round trips: for what only reads, and
    for lone writes.
    """
    return async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"))


@asynccontextmanager
async def one_statement(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A session for a single statement, which is a transaction by itself: that saves two round trips."""
    async with sessions() as session:
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """SQLAlchemy's own check costs three round trips before every transaction; this one costs none.

    A server that went away has closed the connection. When the event loop has not come to see it yet, the socket has
    something to read, which the socket of an idle connection seldom has: then the server is asked.
    """
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
    if _has_unread(connection.driver_connection):
        try:
            connection.ping()
        except (DBAPIError, connection.dbapi.Error) as error:
            raise InvalidatePoolError from error


def _has_unread(connection: Any) -> bool:
    watched = select.poll()
    watched.register(connection._transport.get_extra_info("socket").fileno(), select.POLLIN)  # noqa: SLF001  no public way to it
    return bool(watched.poll(0))


def _for_asyncpg(url: str) -> URL:
    """`sslmode`, as libpq and hosters write it, is `ssl` to this driver."""
    address = make_url(url).set(drivername="postgresql+asyncpg")
    mode = address.query.get("sslmode")
    return address if mode is None else address.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()
