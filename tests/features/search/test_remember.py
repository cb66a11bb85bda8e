"""Results are given again until the index changes, however it does and whoever changes it."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from kunak.features.search import service as search
from kunak.features.search.repository.changes import get_state
from kunak.features.search.schemas import Entry
from kunak.foundation.cache.memory import MemoryCache
from kunak.foundation.cache.once import Once
from kunak.foundation.db.engine import Sessions, create_reading_sessions
from kunak.foundation.language.languages import Language


class Reader:
    """Counts what can be found, and how often it had to look."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions, self.looked = sessions, 0
        self.once = Once(MemoryCache(most_entries=100, most_bytes=100_000))

    async def read(self, *asked: object) -> int:
        return int((await search.remember(self.sessions, self.once, *asked, make=self._look)).value)

    async def _look(self, session: AsyncSession) -> bytes:
        self.looked += 1
        return b"%d" % len((await search.search(session, "мост", limit=100)).hits)


@pytest.fixture
def reader(engine: AsyncEngine) -> Reader:
    return Reader(create_reading_sessions(engine))


def bridges(*numbers: int) -> list[Entry]:
    return [Entry(number, f"d{number}", "", f"Мост номер {number}", Language.RUSSIAN) for number in numbers]


async def put(sessions: Sessions, entries: Sequence[Entry]) -> None:
    async with sessions.begin() as session:
        await search.index(session, "document", entries)


async def test_what_was_asked_is_looked_for_once(reader: Reader, sessions: Sessions) -> None:
    await put(sessions, bridges(1, 2))
    assert [await reader.read("мост") for _ in range(3)] == [2, 2, 2]
    assert reader.looked == 1
    assert await reader.read("другое") == 2
    assert reader.looked == 2


@pytest.mark.parametrize("change", ["index", "edit", "remove", "rebuild", "lexicon", "truncate"])
async def test_a_change_is_seen_by_the_next_query(reader: Reader, sessions: Sessions, change: str) -> None:
    await put(sessions, bridges(1, 2))
    await reader.read("мост")
    async with sessions.begin() as session:
        match change:
            case "index":
                await search.index(session, "document", bridges(3))
            case "edit":
                await session.execute(text("UPDATE search_entries SET title = 'Новый'"))
            case "remove":
                await search.remove(session, "document", [1])
            case "rebuild":
                await search.rebuild(session, "document", bridges(1, 2))
            case "lexicon":
                await search.refresh_lexicon(session)
            case _:
                await session.execute(text("TRUNCATE search_entries, search_words CASCADE"))
        assert reader.looked == 1
        await reader.read("мост")
        assert reader.looked == 1  # not committed yet
    expected = {"index": 3, "remove": 1, "truncate": 0}.get(change, 2)
    assert (await reader.read("мост"), reader.looked) == (expected, 2)


async def test_a_copy_of_the_vectors_that_serves_or_catches_up_is_a_change(sessions: Sessions) -> None:
    states = []
    for statement in (
        "INSERT INTO vector_copies (model_id, model, dimensions, owner, state) VALUES (1, 'm', 3, 'o', 'filling')",
        "INSERT INTO vector_changes (model_id, entry_id) VALUES (1, 1)",
        "UPDATE vector_copies SET leased_until = now()",
        "DELETE FROM vector_changes",
        "DELETE FROM vector_changes",
        "UPDATE vector_copies SET state = 'serving'",
        "DELETE FROM vector_copies",
    ):
        async with sessions.begin() as session:
            await session.execute(text(statement))
        async with sessions() as session:
            states.append(await get_state(session))
    assert [before != after for before, after in pairwise(states)] == [False, False, True, False, True, True]


async def test_nothing_to_do_is_no_change(reader: Reader, sessions: Sessions) -> None:
    await put(sessions, bridges(1))
    async with sessions.begin() as session:
        await search.refresh_lexicon(session)
    await reader.read("мост")
    async with sessions.begin() as session:
        await search.index(session, "document", [])
        await search.remove(session, "document", [])
        await search.refresh_lexicon(session)
    await reader.read("мост")
    assert reader.looked == 1


async def test_what_was_taken_back_is_no_change(reader: Reader, sessions: Sessions) -> None:
    await put(sessions, bridges(1))
    await reader.read("мост")
    async with sessions() as session:
        await search.index(session, "document", bridges(2))
        await session.rollback()
    assert (await reader.read("мост"), reader.looked) == (1, 1)


async def test_a_savepoint_that_was_taken_back_hides_no_later_change(reader: Reader, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        savepoint = await session.begin_nested()
        await search.index(session, "document", bridges(1))
        await savepoint.rollback()
        await search.index(session, "document", bridges(2))
    before = await reader.read("мост")
    async with sessions.begin() as session, session.begin_nested():
        await search.index(session, "document", bridges(3))
    assert (before, await reader.read("мост")) == (1, 2)


async def test_one_that_began_first_and_commits_last_is_seen_too(reader: Reader, sessions: Sessions) -> None:
    async with sessions() as slow:
        await search.index(slow, "document", bridges(1))
        seen = [await reader.read("мост")]
        for number in (2, 3):  # nobody waits for the slow one
            await put(sessions, bridges(number))
            seen.append(await reader.read("мост"))
        await slow.commit()
        seen.append(await reader.read("мост"))
    assert seen == [0, 1, 2, 3]


async def test_writers_wait_for_each_other_at_no_slot(sessions: Sessions) -> None:
    open_sessions = [sessions() for _ in range(8)]
    for number, session in enumerate(open_sessions, start=1):
        await session.execute(text("SET LOCAL lock_timeout = '1s'"))
        await search.index(session, "document", bridges(number))
    for session in open_sessions:
        await session.commit()
        await session.close()
    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM search_changes")) == 8
    await put(sessions, bridges(9))
    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM search_changes")) == 8


async def test_no_reader_ever_sees_less_than_was_committed(reader: Reader, sessions: Sessions) -> None:
    committed, done = 0, asyncio.Event()
    numbers = iter(range(1, 61))

    async def write() -> None:
        nonlocal committed
        for number in numbers:
            await put(sessions, bridges(number))
            committed += 1

    async def watch() -> None:
        while not done.is_set():
            at_least = committed
            assert await reader.read("мост") >= at_least

    readers = [asyncio.create_task(watch()) for _ in range(4)]
    await asyncio.gather(*(write() for _ in range(4)))
    done.set()
    await asyncio.gather(*readers)
    assert await reader.read("мост") == 60


async def test_states_do_not_come_back_with_a_backup(sessions: Sessions) -> None:
    """As many changes as before, but others."""
    states = set()
    for number in (1, 2, 3):
        async with sessions() as session:
            await search.index(session, "document", bridges(number))
            states.add(await get_state(session))
            await session.rollback()
    assert len(states) == 3
