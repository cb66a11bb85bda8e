"""A cache that processes share. A Redis that is down is one that holds nothing: nobody waits for it, nothing fails."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

_log = structlog.get_logger(__name__)
_PATIENCE_S = 0.2
"""For an answer, connecting included: longer than that it is faster to do the work again."""
_REST_S = 5.0
"""How long a Redis that failed is not asked at all."""

Result = TypeVar("Result")


class RedisServer:
    """The way to one Redis, opened when it is first needed."""

    def __init__(self, url: str) -> None:
        """
        Raises:
            ValueError: this is no address of a Redis.
        """
        self._redis: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
        self._rests_until = 0.0

    async def ask(self, question: Callable[[Redis], Awaitable[Result]]) -> Result | None:
        """The answer; None when there is none in time, and at once while the server rests."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await question(self._redis)
        except (RedisError, OSError) as error:
            self._rests_until = time.monotonic() + _REST_S
            _log.warning("redis_does_not_answer", error=type(error).__name__, asked_again_in_s=_REST_S)
            return None

    async def close(self) -> None:
        await self._redis.aclose()


class RedisCache:
    """As `Cache` says."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server

    async def get(self, key: str) -> bytes | None:
        value = await self._server.ask(lambda redis: redis.get(key))
        return value if isinstance(value, bytes) else None

    async def set(self, key: str, value: bytes, lifetime: timedelta) -> None:
        await self._server.ask(lambda redis: redis.set(key, value, ex=lifetime))
