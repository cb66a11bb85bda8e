"""Who copies vectors may die anywhere, or fall asleep and wake up: in the end Qdrant holds what PostgreSQL holds."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest
from tests.features.search.copying import Copied, Many
from tests.features.search.town import entry, put

from kunak.features.search import service
from kunak.features.search.schemas import CopyState
from kunak.foundation.db.engine import Sessions
from kunak.integrations.vector_index.fake import ClientEngine, FakeQdrant
from kunak.integrations.vector_index.interface import VectorIndex
from kunak.integrations.vector_index.qdrant import QdrantAccess, open_qdrant


@pytest.fixture
async def copied(sessions: Sessions) -> AsyncIterator[Copied]:
    engine = ClientEngine()
    async with FakeQdrant(engine).running() as server:
        index = open_qdrant(QdrantAccess(server.url, search_within_s=60))
        yield Copied(sessions, server, index, Many({}))
        await index.close()
    await engine.close()


class KilledError(BaseException):
    """The process is no more."""


Between = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


class Intercepted:
    """An index whose every call goes through `between`."""

    def __init__(self, index: VectorIndex, between: Between) -> None:
        self._index = index
        self._between = between

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._index, name)

        async def call(*args: object, **more: object) -> Any:
            return await self._between(lambda: method(*args, **more))

        return call


def intercepted(index: VectorIndex, between: Between) -> VectorIndex:
    return cast(VectorIndex, Intercepted(index, between))


def dying_at(number: int, *, after: bool) -> Between:
    """Dies before, or after, its call of this number."""
    calls = 0

    async def between(call: Callable[[], Awaitable[Any]]) -> Any:
        nonlocal calls
        calls += 1
        if calls == number and not after:
            raise KilledError
        result = await call()
        if calls == number:
            raise KilledError
        return result

    return between


async def dies(copied: Copied, number: int, *, after: bool) -> bool:
    """Whether it came so far before there was nothing left to do."""
    mortal = intercepted(copied.index, dying_at(number, after=after))
    try:
        while await service.follow(copied.sessions, mortal):
            pass
    except KilledError:
        return True
    return False


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
async def test_a_worker_dies_at_every_call(copied: Copied, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    monkeypatch.setattr("kunak.features.search.follow._BATCH", 2)
    await copied.add(range(1, 8))
    number, died = 0, True
    while died:
        number += 1
        await service.begin_copy(copied.sessions)
        died = await dies(copied, number, after=after)
        await change_a_little(copied, number)
        died |= await dies(copied, number, after=after)
        await copied.follow()
        assert await copied.state() is CopyState.SERVING
        assert await copied.is_whole()
        await service.leave_copies(copied.sessions)
        await dies(copied, 1, after=after)
        await copied.follow()
        assert await copied.progress() == []
    assert number > 6


async def change_a_little(copied: Copied, number: int) -> None:
    await copied.remove([number % 7 + 1])
    await copied.add([number % 5 + 1], price=number, source="old" if number % 2 else None)
    await put(copied.sessions, [entry(number % 3 + 1, f"новость {number % 3 + 1}", price=number)])


async def test_a_worker_that_slept_and_wakes_up_undoes_nothing(copied: Copied) -> None:
    await copied.add(range(1, 8), price=1)
    await service.begin_copy(copied.sessions)
    await copied.follow()
    await put(copied.sessions, [entry(1, "новость 1", price=50, source="old")])
    asleep, awake = asyncio.Event(), asyncio.Event()

    async def between(call: Callable[[], Awaitable[Any]]) -> Any:
        asleep.set()
        await awake.wait()
        return await call()

    sleeper = asyncio.create_task(service.follow(copied.sessions, intercepted(copied.index, between)))
    await asleep.wait()
    await copied.forget_leases()
    await put(copied.sessions, [entry(1, "новость 1", price=500)])
    await copied.follow()
    assert await copied.is_whole()
    awake.set()
    assert await sleeper
    assert not await copied.is_whole()
    await copied.follow()
    assert await copied.is_whole()


WORKER = """
import asyncio, sys
from kunak.features.search import service
from kunak.foundation.db.engine import create_engine, create_sessions
from kunak.integrations.vector_index.opening import open_vector_index

async def work():
    sessions = create_sessions(create_engine(sys.argv[1]))
    index = open_vector_index(sys.argv[2], None)
    while True:
        await service.follow(sessions, index)

asyncio.run(work())
"""


async def test_kill_9(copied: Copied, database_url: str) -> None:
    await copied.add(range(1, 401))
    await service.begin_copy(copied.sessions)
    for life in range(1, 4):
        before = len(copied.server.calls)
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER, database_url, copied.server.url, stderr=asyncio.subprocess.DEVNULL
        )
        await copied.server.wait_for_calls(before + 3 * life)
        worker.send_signal(signal.SIGKILL)
        assert await worker.wait() == -signal.SIGKILL
        await copied.forget_leases()
        await copied.remove([life, 400 - life])
        await put(copied.sessions, [entry(life + 10, f"новость {life + 10}", price=50)])
    await copied.follow()
    assert await copied.state() is CopyState.SERVING
    assert await copied.is_whole()
