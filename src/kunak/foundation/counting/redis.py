"""Counts for all processes together."""

from redis.asyncio import Redis

from kunak.foundation.cache.redis import RedisServer
from kunak.foundation.counting.interface import Counted
from kunak.foundation.counting.memory import MemoryCounter


class RedisCounter:
    """As `Counter` says; while Redis does not answer, each process counts for itself."""

    def __init__(self, server: RedisServer, window_s: int) -> None:
        self._server, self._window_s, self._alone = server, window_s, MemoryCounter(window_s)

    async def count(self, key: str) -> Counted:
        async def count_there(redis: Redis) -> Counted:
            name = f"kunak:count:{key}"
            pipeline = redis.pipeline()
            pipeline.set(name, 0, ex=self._window_s, nx=True)
            pipeline.incr(name)
            pipeline.ttl(name)
            _, count, ends_in_s = await pipeline.execute()
            return Counted(count, max(1, ends_in_s))

        return await self._server.ask(count_there) or await self._alone.count(key)
