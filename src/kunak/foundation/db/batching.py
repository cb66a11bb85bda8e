"""Group commit: what many tasks ask for at the same moment is done in one transaction.

While one batch is being written the next one gathers, so a quiet process pays no delay and a busy one shares the price
of a commit among everything that came in the meantime.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from kunak.foundation.db.outage import is_outage

In = TypeVar("In")
Out = TypeVar("Out")
RunBatch = Callable[[AsyncSession, Sequence[In]], Awaitable[Sequence[Out]]]


class Batcher(Generic[In, Out]):
    """Turns `run`, a function over many items in one transaction, into one over a single item.

    `run` returns one result per item, in their order. When a batch fails, each of its items is tried alone, so that an
    item which cannot be written spoils nothing for the others; unless the database is away, which is the same for all.
    """

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], run: RunBatch[In, Out], *, most: int = 100, lanes: int = 2
    ) -> None:
        """`most`: items in one transaction; `lanes`: transactions at the same time."""
        self._sessions = sessions
        self._run = run
        self._most = most
        self._free_lanes = lanes
        self._waiting: list[tuple[In, asyncio.Future[Out]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def add(self, item: In) -> Out:
        """The result for `item`, once its transaction has committed.

        Raises:
            Exception: whatever `run` raised for this item.
        """
        result: asyncio.Future[Out] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._free_lanes:
            self._free_lanes -= 1
            task = asyncio.create_task(self._drain())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await result

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._write(batch)
        finally:
            self._free_lanes += 1

    async def _write(self, batch: list[tuple[In, asyncio.Future[Out]]]) -> None:
        try:
            async with self._sessions.begin() as session:
                results = await self._run(session, [item for item, _ in batch])
        except Exception as error:  # noqa: BLE001  handed to whoever asked, below
            if len(batch) > 1 and not is_outage(error):
                for each in batch:
                    await self._write([each])
                return
            for _, future in batch:
                _fail(future, error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)


def _fail(future: "asyncio.Future[Out]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
