"""What processes remember for a while: together when there is a Redis, else each for itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kunak.foundation.cache.memory import MemoryCache
from kunak.foundation.cache.once import Once
from kunak.foundation.counting.interface import Counter
from kunak.foundation.counting.memory import MemoryCounter
from kunak.foundation.counting.postgres import PostgresCounter
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.foundation.web.rate_limit import WINDOW_S

MINUTE_S = 60
_MOST_RESULTS = 10_000
_MOST_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Shared:
    """Results that are given again, and who asked how often."""

    once: Once
    counter: Counter
    people: Counter
    """Of what people ask of bots: of all processes together, also without a Redis."""
    close: Callable[[], Awaitable[None]]


def open_shared(settings: Settings, sessions: Sessions) -> Shared:
    """
    Raises:
        InvalidInputError: REDIS_URL cannot be used.
    """
    if settings.redis_url is not None:
        return _open_redis(settings.redis_url.get_secret_value())
    cache = MemoryCache(most_entries=_MOST_RESULTS, most_bytes=_MOST_BYTES)
    people = PostgresCounter(sessions, MINUTE_S)
    return Shared(Once(cache), MemoryCounter(WINDOW_S), people, _nothing_to_close)


def _open_redis(url: str) -> Shared:
    try:
        from kunak.foundation.cache.redis import RedisCache, RedisServer  # noqa: PLC0415  an optional extra
        from kunak.foundation.counting.redis import RedisCounter  # noqa: PLC0415  as above
    except ImportError:
        raise InvalidInputError("REDIS_URL needs the extra `redis`: pip install 'kunak[redis]'.") from None
    try:
        server = RedisServer(url)
    except ValueError:  # its words may hold the password
        raise InvalidInputError("REDIS_URL is no address of a Redis, such as redis://localhost:6379/0.") from None
    people = RedisCounter(server, MINUTE_S)
    return Shared(Once(RedisCache(server)), RedisCounter(server, WINDOW_S), people, server.close)


async def _nothing_to_close() -> None:
    pass
