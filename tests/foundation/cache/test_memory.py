"""What is kept in the process: for so long, so much of it, and the least wanted goes first."""

from datetime import timedelta

from kunak.foundation.cache.interface import Namespace
from kunak.foundation.cache.memory import MemoryCache

HOUR = timedelta(hours=1)


async def test_what_was_kept_is_there_until_its_lifetime_is_over() -> None:
    now = 100.0
    cache = MemoryCache(most_entries=10, most_bytes=10_000, clock=lambda: now)
    await cache.set("bridge", b"open", HOUR)
    assert await cache.get("bridge") == b"open"
    now += 3600
    assert await cache.get("bridge") is None
    assert await cache.get("market") is None


async def test_the_least_wanted_goes_first() -> None:
    cache = MemoryCache(most_entries=2, most_bytes=10_000)
    await cache.set("bridge", b"1", HOUR)
    await cache.set("market", b"2", HOUR)
    await cache.get("bridge")
    await cache.set("library", b"3", HOUR)
    assert [await cache.get(key) for key in ("bridge", "market", "library")] == [b"1", None, b"3"]


async def test_bytes_are_bounded_too() -> None:
    cache = MemoryCache(most_entries=1000, most_bytes=10_000)
    for number in range(100):
        await cache.set(str(number), b"x" * 1000, HOUR)
    kept = [number for number in range(100) if await cache.get(str(number))]
    assert kept == list(range(92, 100))
    await cache.set("huge", b"x" * 10_000, HOUR)
    assert await cache.get("huge") is None
    assert await cache.get("99") is not None


async def test_keeping_anew_counts_once() -> None:
    cache = MemoryCache(most_entries=10, most_bytes=3_000)
    for _ in range(10):
        await cache.set("bridge", b"x" * 2000, HOUR)
    assert await cache.get("bridge") is not None


def test_keys_tell_apart_what_differs() -> None:
    first, second = Namespace("search", 1, HOUR), Namespace("search", 2, HOUR)
    asked = [("bridge", 10), ("bridge", 20), ("bri", "dge10")]
    keys = {namespace.key(*each) for namespace in (first, second) for each in asked}
    assert len(keys) == 6
    assert len(first.key("щ" * 10_000)) < 100
