"""Counting in windows, with a memory that does not grow."""

from kunak.foundation.counting.interface import Counted
from kunak.foundation.counting.memory import MemoryCounter


async def test_a_window_begins_with_the_first_and_ends_for_good() -> None:
    now = 1000.0
    counter = MemoryCounter(60, clock=lambda: now)
    assert await counter.count("alice") == Counted(1, 60)
    now += 45.5
    assert await counter.count("alice") == Counted(2, 15)
    assert await counter.count("bob") == Counted(1, 60)
    now += 14.5
    assert await counter.count("alice") == Counted(1, 60)
    assert await counter.count("bob") == Counted(2, 46)


async def test_a_crowd_takes_no_more_memory_than_it_may() -> None:
    counter = MemoryCounter(60, most_keys=100, clock=lambda: 0.0)
    for number in range(10_000):
        await counter.count(f"crowd {number}")
    assert (await counter.count("crowd 9999")).count == 2
    assert (await counter.count("crowd 9000")).count == 1
    assert len(counter._windows) == 100  # noqa: SLF001  what is bounded
