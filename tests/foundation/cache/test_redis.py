"""What processes share; and a Redis that is away, or says nothing, stops nobody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from kunak.foundation.cache import redis
from kunak.foundation.cache.redis import RedisCache, RedisServer
from kunak.foundation.counting.redis import RedisCounter

HOUR = timedelta(hours=1)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine in trouble is no Redis that is away."""
    monkeypatch.setattr(redis, "_PATIENCE_S", 60.0)


@pytest.fixture
async def silent_url() -> AsyncIterator[str]:
    """Something that takes connections and never says a word."""
    closed = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await closed.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    closed.set()
    server.close()
    await server.wait_closed()


async def test_two_processes_share_what_one_kept(redis_url: str, patient: None) -> None:
    alice, bob = RedisServer(redis_url), RedisServer(redis_url)
    await RedisCache(alice).set("bridge", b"\0open", HOUR)
    assert await RedisCache(bob).get("bridge") == b"\0open"
    assert await RedisCache(bob).get("market") is None
    await RedisCache(alice).set("soon", b"over", timedelta(milliseconds=1))
    remaining = await bob.ask(lambda server: server.ttl("bridge"))
    assert remaining is not None
    assert 3590 < remaining <= 3600
    await alice.close()
    await bob.close()


async def test_two_processes_count_together(redis_url: str, patient: None) -> None:
    alice, bob = RedisServer(redis_url), RedisServer(redis_url)
    counters = [RedisCounter(alice, 60), RedisCounter(bob, 60)]
    counted = [(await counter.count("api:1.2.3.4")).count for counter in counters * 2]
    assert counted == [1, 2, 3, 4]
    assert (await counters[0].count("api:1.2.3.5")).count == 1
    assert 1 <= (await counters[0].count("api:1.2.3.5")).ends_in_s <= 60
    await alice.close()
    await bob.close()


@pytest.mark.parametrize("kind", ["closed", "silent"])
async def test_without_an_answer_nothing_is_there_and_each_counts_alone(kind: str, silent_url: str) -> None:
    server = RedisServer(silent_url if kind == "silent" else "redis://127.0.0.1:1/0")
    cache, counter = RedisCache(server), RedisCounter(server, 60)
    await cache.set("bridge", b"open", HOUR)
    assert await cache.get("bridge") is None
    assert [(await counter.count("bob")).count for _ in range(3)] == [1, 2, 3]
    await server.close()


async def test_it_is_left_in_peace_for_a_while_after_it_failed() -> None:
    server, asked = RedisServer("redis://127.0.0.1:1/0"), 0

    async def ask(_: object) -> str:
        nonlocal asked
        asked += 1
        raise OSError

    for _ in range(5):
        assert await server.ask(ask) is None
    assert asked == 1
    await server.close()
