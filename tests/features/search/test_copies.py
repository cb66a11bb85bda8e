"""Vectors are copied into Qdrant and searched there, while the town goes on living; and PostgreSQL takes over again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import cast

import pytest
from sqlalchemy import text
from tests.features.search.copying import Copied, Many
from tests.features.search.meanings import embed
from tests.features.search.town import entry, put
from tests.integrations.vector_index.cases import BIKE, CASES, FLAT, NEWS, NOTE

from kunak.features.search import service
from kunak.features.search.repository import filtering
from kunak.features.search.schemas import CopyState, Entry, Equipment, Filters, Found
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import NotFoundError
from kunak.foundation.language.languages import Language
from kunak.integrations.vector_index.fake import Breaks, ClientEngine, FakeQdrant, Hangs, Says
from kunak.integrations.vector_index.interface import Conditions
from kunak.integrations.vector_index.qdrant import QdrantAccess, open_qdrant


@pytest.fixture
async def copied(sessions: Sessions) -> AsyncIterator[Copied]:
    engine = ClientEngine()
    async with FakeQdrant(engine).running() as server:
        index = open_qdrant(QdrantAccess(server.url, search_within_s=60))
        yield Copied(sessions, server, index, Many({}))
        await index.close()
    await engine.close()


@pytest.fixture
async def serving(copied: Copied) -> Copied:
    """A hundred and fifty news, searched in Qdrant."""
    await copied.add(range(1, 151))
    await service.begin_copy(copied.sessions)
    await copied.follow()
    assert await copied.state() is CopyState.SERVING
    return copied


async def ask(copied: Copied, question: str, filters: Filters | None = None) -> Found:
    equipment = Equipment(copied.embedder, service.NearInCopy(copied.sessions, copied.index), unchecked=True)
    async with copied.sessions() as session:
        return await service.search(session, question, filters=filters or Filters(), equipment=equipment)


def was_asked(copied: Copied) -> bool:
    return any(call.endswith("/points/query") for call in copied.server.calls)


async def count_jobs(sessions: Sessions) -> int:
    async with sessions() as session:
        counted = "SELECT count(*) FROM pgqueuer WHERE convert_from(payload, 'utf8') LIKE '%FollowVectors%'"
        return int((await session.execute(text(counted))).scalar_one())


async def test_all_vectors_are_copied_and_then_qdrant_is_asked(copied: Copied) -> None:
    await copied.add(range(1, 151))
    await service.begin_copy(copied.sessions)
    assert (await ask(copied, "новость 77")).by_meaning
    assert not was_asked(copied)
    await copied.follow()
    assert await copied.is_whole()
    found = await ask(copied, "новость 77")
    assert was_asked(copied)
    assert found.by_meaning
    assert found.hits[0].reference == "doc-77"


async def test_both_places_find_the_same(serving: Copied) -> None:
    questions = [f"новость {number} и ещё" for number in range(5)]
    in_qdrant = [(await ask(serving, question)).hits for question in questions]
    await service.leave_copies(serving.sessions)
    in_postgres = [(await ask(serving, question)).hits for question in questions]
    for one, other in zip(in_qdrant, in_postgres, strict=True):
        assert [hit.reference for hit in one] == [hit.reference for hit in other]
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other])


async def test_postgresql_lets_through_what_every_other_place_does(sessions: Sessions) -> None:
    """The ids of the table are those of the things."""
    for point in (FLAT, BIKE, NEWS, NOTE):
        thing = Entry(
            *(point.entry_id, "", "", "слово", Language(point.language)),
            published_at=point.published_at,
            source=point.source,
            place=point.place,
            price=point.price,
            category=point.category,
        )
        await put(sessions, [thing], kind=point.kind)
    for case in CASES:
        given, expected = cast("tuple[Conditions, set[int]]", case.values)
        filters = Filters(**{**asdict(given), "languages": tuple(map(Language, given.languages))})
        passing = " AND ".join(filter(None, ["true", filtering.conditions(filters)]))
        statement = text(f"SELECT thing_id FROM search_entries AS entry WHERE {passing}")  # noqa: S608  constants
        async with sessions() as session:
            assert set(await session.scalars(statement, filtering.values_of(filters))) == expected, case.id


async def test_without_vectors_there_is_nothing_to_copy(copied: Copied) -> None:
    with pytest.raises(NotFoundError, match="no embedding model"):
        await service.begin_copy(copied.sessions)


async def test_beginning_twice_changes_nothing(serving: Copied) -> None:
    await service.begin_copy(serving.sessions)
    assert await serving.state() is CopyState.SERVING


async def test_what_changes_while_the_copy_is_made(copied: Copied) -> None:
    await copied.add(range(1, 200), price=50, source="old")
    await service.begin_copy(copied.sessions)
    copied.server.faults.extend([*[None] * 11, Says(503)])
    await copied.follow()
    progress = (await copied.progress())[0]
    assert 0 < progress.copied < 199
    await copied.remove([1, 2, 198])
    await put(copied.sessions, [entry(3, "новость 3", price=500), entry(197, "новость 197", price=500)])
    await copied.add([4, 196, 1000], words="совсем другое")
    await copied.follow()
    assert await copied.state() is CopyState.SERVING
    assert len(await copied.truth()) == 197
    assert await copied.is_whole()


async def test_what_changes_while_qdrant_is_asked(serving: Copied) -> None:
    await serving.remove([1])
    await serving.add([2], source="old", price=7)
    await serving.add([151, 152], price=7)
    assert await count_jobs(serving.sessions) == 2
    await serving.follow()
    assert await serving.is_whole()
    assert (await serving.progress())[0].changes == 0


async def test_who_is_writing_when_the_copy_begins_is_waited_for(copied: Copied) -> None:
    await copied.add(range(1, 11))
    async with copied.sessions() as bob:
        await service.remove(bob, "document", [5])
        beginning = asyncio.create_task(service.begin_copy(copied.sessions))
        await waits_for_a_lock(copied.sessions)
        assert not beginning.done()
        await bob.commit()
    await beginning
    await copied.follow()
    assert await copied.is_whole()


async def waits_for_a_lock(sessions: Sessions) -> None:
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
    async with sessions() as session:
        while not await session.scalar(
            text(f"{waiting} (SELECT oid FROM pg_database WHERE datname = current_database()))")  # noqa: S608  constants
        ):
            await session.rollback()


async def test_what_is_gone_is_not_shown_even_if_qdrant_has_not_heard(serving: Copied) -> None:
    await serving.remove([77])
    assert "doc-77" not in [hit.reference for hit in (await ask(serving, "новость 77")).hits]
    await put(serving.sessions, [entry(78, "новость 78", price=9)])
    assert (await ask(serving, "новость 78", Filters(price_from=10))).hits == ()


async def test_what_was_rewritten_is_not_near_by_what_it_said_before(serving: Copied) -> None:
    await put(serving.sessions, [entry(77, "о другом")])
    found = await ask(serving, "новость 77")
    assert found.by_meaning
    assert "doc-77" not in [hit.reference for hit in found.hits]


async def test_changes_are_told_by_a_job_of_the_same_transaction(serving: Copied) -> None:
    await service.leave_copies(serving.sessions)
    await serving.follow()
    async with serving.sessions.begin() as session:
        await session.execute(text("DELETE FROM pgqueuer"))
    await serving.remove([1])
    assert await count_jobs(serving.sessions) == 0
    await service.begin_copy(serving.sessions)
    async with serving.sessions.begin() as session:
        await session.execute(text("DELETE FROM pgqueuer"))
    async with serving.sessions() as session:
        await service.remove(session, "document", [2])
        await session.rollback()
    assert await count_jobs(serving.sessions) == 0
    await serving.remove([2])
    assert await count_jobs(serving.sessions) == 1


async def test_back_to_postgresql(serving: Copied) -> None:
    await service.leave_copies(serving.sessions)
    serving.server.calls.clear()
    assert (await ask(serving, "новость 77")).by_meaning
    assert not was_asked(serving)
    await serving.follow()
    assert await serving.progress() == []
    assert any(call.startswith("DELETE /collections/") for call in serving.server.calls)
    await service.begin_copy(serving.sessions)
    await serving.follow()
    assert await serving.is_whole()


async def test_back_and_there_again_at_once(serving: Copied) -> None:
    await service.leave_copies(serving.sessions)
    await service.begin_copy(serving.sessions)
    await serving.add([400])
    await serving.follow()
    assert await serving.state() is CopyState.SERVING
    assert await serving.is_whole()


async def test_qdrant_is_away_while_people_ask(serving: Copied) -> None:
    equipment = Equipment(serving.embedder, service.NearInCopy(serving.sessions, serving.index), unchecked=True)
    serving.server.faults.extend([Breaks(), Says(500)])
    serving.server.calls.clear()
    for _ in range(4):
        async with serving.sessions() as session:
            found = await service.search(session, "новость 77", equipment=equipment)
        assert not found.by_meaning
        assert found.hits[0].reference == "doc-77"
    assert len(serving.server.calls) == 2


async def test_nobody_waits_for_a_qdrant_that_hangs(serving: Copied) -> None:
    hasty = open_qdrant(QdrantAccess(serving.server.url, search_within_s=0.05))
    serving.server.faults.append(Hangs())
    found = await ask(Copied(serving.sessions, serving.server, hasty, serving.embedder), "новость 77")
    assert not found.by_meaning
    assert found.hits[0].reference == "doc-77"
    await hasty.close()


async def test_qdrant_is_away_while_something_changes(serving: Copied) -> None:
    await serving.remove([1])
    serving.server.faults.append(Says(503))
    await serving.follow()
    progress = (await serving.progress())[0]
    assert progress.trouble is not None
    assert "answers 503" in progress.trouble
    assert progress.changes == 1
    await serving.follow()
    assert (await serving.progress())[0].trouble is None
    assert await serving.is_whole()


async def test_qdrant_loses_everything(serving: Copied) -> None:
    await serving.server.lose_everything()
    assert not (await ask(serving, "новость 77")).by_meaning
    assert not await service.follow(serving.sessions, serving.index)
    assert await serving.state() is CopyState.FILLING
    assert (await ask(serving, "новость 77")).by_meaning
    await serving.follow()
    assert await serving.state() is CopyState.SERVING
    assert await serving.is_whole()


async def test_a_copy_with_a_hole_is_not_asked(copied: Copied) -> None:
    await copied.add(range(1, 151))
    copied.server.settled = False
    await service.begin_copy(copied.sessions)
    await copied.follow()
    assert await copied.state() is CopyState.FILLING
    await copied.index.remove(await copied.collection(), sorted(await copied.copy())[:5])
    copied.server.settled = True
    await copied.follow()
    assert await copied.state() is CopyState.FILLING
    await copied.follow()
    assert await copied.state() is CopyState.SERVING
    assert await copied.is_whole()


async def test_another_model_is_copied_before_the_old_copy_is_thrown_away(serving: Copied) -> None:
    newer = Many({}, model="newer", size=6)
    await embed(serving.sessions, newer)
    serving.embedder = newer
    serving.server.faults.extend([*[None] * 9, Says(503)])
    await serving.follow()
    assert [(each.model, each.state) for each in await serving.progress()] == [
        ("meanings", CopyState.SERVING),
        ("newer", CopyState.FILLING),
    ]
    await serving.follow()
    await serving.follow()
    assert [(each.model, each.state) for each in await serving.progress()] == [("newer", CopyState.SERVING)]
    assert await serving.is_whole()


async def test_without_its_address_a_copy_can_still_be_left(serving: Copied) -> None:
    await serving.remove([1])
    await service.follow(serving.sessions, None)
    assert "QDRANT_URL is not set" in ((await serving.progress())[0].trouble or "")
    await service.leave_copies(serving.sessions)
    await service.follow(serving.sessions, None)
    assert await serving.progress() == []
