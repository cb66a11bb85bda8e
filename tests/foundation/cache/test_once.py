"""What many want at the same moment is made once."""

import asyncio
from datetime import timedelta

import pytest

from kunak.foundation.cache.interface import Namespace
from kunak.foundation.cache.memory import MemoryCache
from kunak.foundation.cache.once import Given, Once

RESULTS = Namespace("results", 1, timedelta(hours=1))


class Kitchen:
    """Makes a value when it is let go on."""

    def __init__(self) -> None:
        self.made = 0
        self.started, self.go_on, self.broken_off = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def make(self) -> bytes:
        self.made += 1
        self.started.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.broken_off.set()
            raise
        return b"soup"


@pytest.fixture
def once() -> Once:
    return Once(MemoryCache(most_entries=10, most_bytes=10_000))


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


async def test_many_who_ask_at_once_wait_for_one(once: Once, kitchen: Kitchen) -> None:
    guests = [asyncio.create_task(once.get_or_make(RESULTS, "soup", kitchen.make)) for _ in range(50)]
    await kitchen.started.wait()
    kitchen.go_on.set()
    assert set(await asyncio.gather(*guests)) == {Given(b"soup", from_cache=False)}
    assert await once.get_or_make(RESULTS, "soup", kitchen.make) == Given(b"soup", from_cache=True)
    assert kitchen.made == 1


async def test_the_first_may_leave_and_the_others_are_served(once: Once, kitchen: Kitchen) -> None:
    alice, bob = (asyncio.create_task(once.get_or_make(RESULTS, "soup", kitchen.make)) for _ in range(2))
    await kitchen.started.wait()
    alice.cancel()
    kitchen.go_on.set()
    assert (await bob).value == b"soup"
    with pytest.raises(asyncio.CancelledError):
        await alice


async def test_when_all_have_left_nobody_cooks(once: Once, kitchen: Kitchen) -> None:
    alice = asyncio.create_task(once.get_or_make(RESULTS, "soup", kitchen.make))
    await kitchen.started.wait()
    alice.cancel()
    await kitchen.broken_off.wait()
    kitchen.go_on.set()
    assert (await once.get_or_make(RESULTS, "soup", kitchen.make)).value == b"soup"
    assert kitchen.made == 2


async def test_an_error_reaches_all_and_is_not_kept(once: Once) -> None:
    async def burn() -> bytes:
        await asyncio.sleep(0)
        raise ValueError("burnt")

    guests = [once.get_or_make(RESULTS, "soup", burn) for _ in range(3)]
    errors = await asyncio.gather(*guests, return_exceptions=True)
    assert [str(error) for error in errors] == ["burnt"] * 3

    async def cook() -> bytes:
        return b"soup"

    assert (await once.get_or_make(RESULTS, "soup", cook)).value == b"soup"
