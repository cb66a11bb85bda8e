"""Counting in windows, with a memory that does not grow."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.foundation.counting import postgres
from kunak.foundation.counting.interface import Counted
from kunak.foundation.counting.memory import MemoryCounter
from kunak.foundation.counting.postgres import PostgresCounter
from kunak.foundation.db.engine import create_reading_sessions


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


async def test_what_cannot_be_forgotten_is_not_counted_twice(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_FORGET", text("SELECT 1 / 0 WHERE :most > 0"))
    counter = PostgresCounter(create_reading_sessions(engine), 60, forget_every=1)
    counted = await asyncio.gather(*map(counter.count, ["alice", "bob", "alice"]))
    assert [each.count for each in counted] == [1, 1, 2]
