"""The connection to PostgreSQL."""

from typing import Any

import orjson
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]


def create_engine(url: str, *, pool_size: int = 10, name: str = "kunak") -> AsyncEngine:
    """An engine for `url` (`postgresql://…`); connections that died while idle are replaced unnoticed."""
    return create_async_engine(
        _for_asyncpg(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={"server_settings": {"application_name": name, "jit": "off"}, "timeout": 10},
    )


def create_sessions(engine: AsyncEngine) -> Sessions:
    """Sessions whose objects stay readable after commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def _for_asyncpg(url: str) -> URL:
    """`sslmode`, as libpq and hosters write it, is `ssl` to this driver."""
    address = make_url(url).set(drivername="postgresql+asyncpg")
    mode = address.query.get("sslmode")
    return address if mode is None else address.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()
