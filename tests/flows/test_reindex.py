"""The index is made anew while it is used."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.ingestion import service as ingestion
from kunak.features.search import service as search
from kunak.foundation.db.engine import Sessions
from kunak.processes.commands.import_documents import import_files
from kunak.processes.commands.reindex import reindex
from tests.flows.test_import_and_ask import contents, silently, write_town


@pytest.fixture
async def town(sessions: Sessions, tmp_path: Path) -> Sessions:
    await import_files(sessions, [write_town(tmp_path, documents=450)], report=silently)
    return sessions


def unseen(_done: int, _total: int) -> None:
    """Nobody looks on."""


async def spoil(sessions: Sessions) -> None:
    """An index as an older version might have made it."""
    async with sessions.begin() as session:
        await session.execute(text("UPDATE search_words SET words = ''"))
        await session.execute(text("UPDATE search_entries SET source = NULL"))


async def test_alice_makes_the_index_anew(town: Sessions, engine: AsyncEngine) -> None:
    before = await contents(town)
    await spoil(town)
    steps: list[tuple[int, int]] = []
    assert await reindex(engine, report=lambda done, total: steps.append((done, total))) == 450
    assert await contents(town) == before
    assert steps == [(200, 450), (400, 450), (450, 450)]
    async with town() as session:
        assert [each.reference for each in (await search.search(session, "сосед77")).hits] == ["77"]


async def test_what_was_broken_off_goes_on_and_searches_work_meanwhile(town: Sessions, engine: AsyncEngine) -> None:
    class PowerCutError(Exception):
        """The machine stops while the second batch is written."""

    def stop_at(done: int, _total: int) -> None:
        if done > 200:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        await reindex(engine, report=stop_at)
    async with town() as session:
        assert len((await search.search(session, "сосед77 сосед444")).hits) == 2
    assert await reindex(engine, report=unseen) == 250
    assert await reindex(engine, report=unseen) == 450


async def test_an_entry_keeps_its_source(town: Sessions, engine: AsyncEngine) -> None:
    await spoil(town)
    await reindex(engine, report=unseen)
    async with town() as session:
        assert {entry.source for entry in await ingestion.list_entries(session, after=0, limit=9)} == {"town"}
        assert await session.scalar(text("SELECT count(DISTINCT source) FROM search_entries")) == 1
