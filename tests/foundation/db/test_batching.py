"""Many ask at once, one transaction answers, and nobody spoils it for the others."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.foundation.db.batching import Batcher
from kunak.foundation.db.engine import Sessions


class Notebook:
    """Writes numbers down; refuses negative ones."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.batches: list[list[int]] = []
        self.batcher: Batcher[int, int] = Batcher(sessions, self.write, most=100, lanes=1)

    async def open(self) -> None:
        async with self.sessions.begin() as session:
            await session.execute(text("CREATE TABLE notes (number integer CHECK (number >= 0))"))

    async def write(self, session: AsyncSession, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        await session.execute(text("INSERT INTO notes VALUES (:number)"), [{"number": each} for each in numbers])
        return [number * 10 for number in numbers]

    async def read(self) -> list[int]:
        async with self.sessions() as session:
            return sorted(await session.scalars(text("SELECT number FROM notes")))


@pytest.fixture
async def notebook(sessions: Sessions) -> Notebook:
    notebook = Notebook(sessions)
    await notebook.open()
    return notebook


async def test_everyone_gets_the_own_result(notebook: Notebook) -> None:
    assert await asyncio.gather(*(notebook.batcher.add(number) for number in range(250))) == [
        number * 10 for number in range(250)
    ]
    assert [len(batch) for batch in notebook.batches] == [100, 100, 50]
    assert await notebook.read() == list(range(250))


async def test_one_that_cannot_be_written_spoils_nothing(notebook: Notebook) -> None:
    results = await asyncio.gather(*(notebook.batcher.add(number) for number in (1, -1, 2)), return_exceptions=True)
    assert (results[0], results[2]) == (10, 20)
    assert isinstance(results[1], Exception)
    assert await notebook.read() == [1, 2]


async def test_one_that_no_longer_waits_loses_nothing_for_others(notebook: Notebook) -> None:
    impatient, patient = (asyncio.create_task(notebook.batcher.add(number)) for number in (1, 2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 20
    assert impatient.cancelled()
    assert await notebook.batcher.add(3) == 30


async def test_after_a_failure_the_lane_is_free_again(notebook: Notebook) -> None:
    for _ in range(3):
        with pytest.raises(Exception, match="notes_number_check"):
            await notebook.batcher.add(-1)
    assert await notebook.batcher.add(1) == 10
