"""`kunak search vectors use …`, and the worker that goes on by itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.features.search.copying import Copied, Many
from tests.processes.conftest import Command

from kunak.features.search import service
from kunak.features.search.jobs import SearchJobs
from kunak.features.search.schemas import CopyState
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import InvalidInputError, NotFoundError, RetryableError
from kunak.foundation.jobs.worker import Handlers, WorkerOptions, run_jobs
from kunak.foundation.settings import Settings
from kunak.integrations.embeddings.interface import Embedder
from kunak.integrations.vector_index.fake import ClientEngine, FakeQdrant, Says
from kunak.integrations.vector_index.qdrant import QdrantAccess, open_qdrant
from kunak.processes.commands.vector_copies import Copies
from kunak.processes.doctor import examine
from kunak.processes.findings import Finding, State


@pytest.fixture
async def town(sessions: Sessions) -> AsyncIterator[Copied]:
    engine = ClientEngine()
    async with FakeQdrant(engine).running() as server:
        index = open_qdrant(QdrantAccess(server.url, search_within_s=60))
        town = Copied(sessions, server, index, Many({}))
        await town.add(range(1, 11))
        yield town
        await index.close()
    await engine.close()


async def test_there_and_back(town: Copied, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDRANT_URL", town.server.url)
    vectors = partial(command, "search", "vectors")
    assert await vectors("use", "qdrant") == (0, "Vectors are searched in Qdrant; 10 were copied.\n")
    assert await town.is_whole()
    shown = json.loads((await vectors("show", "--json"))[1])
    assert shown["searched_in"] == "qdrant"
    assert shown["copies"] == [
        {"model": "meanings", "state": "serving", "trouble": None, "vectors": 10, "copied": 10, "changes": 0}
    ]
    assert await vectors("use", "postgres") == (0, "Vectors are searched in PostgreSQL.\n")
    assert await town.progress() == []


async def test_without_qdrant_or_vectors_it_says_what_is_missing(town: Copied, sessions: Sessions) -> None:
    with pytest.raises(InvalidInputError, match="set QDRANT_URL"):
        await Copies(sessions, None).use_qdrant(print)
    async with sessions.begin() as session:
        await service.stop_embedding(session)
    with pytest.raises(NotFoundError, match="no vectors yet"):
        await Copies(sessions, town.index).use_qdrant(print)


async def test_a_qdrant_that_fails_is_named_and_the_command_goes_on_when_run_again(town: Copied) -> None:
    copies = Copies(town.sessions, town.index)
    town.server.faults.append(Says(500, "out of memory"))
    with pytest.raises(RetryableError, match="out of memory"):
        await copies.use_qdrant(print)
    assert "10 were copied" in await copies.use_qdrant(print)


async def test_leaving_a_qdrant_that_is_away(town: Copied) -> None:
    copies = Copies(town.sessions, town.index)
    await copies.use_qdrant(print)
    town.server.faults.append(Says(500))
    assert "could not be thrown away yet" in await copies.use_postgres()
    assert (await town.progress())[0].state is CopyState.LEAVING


async def test_the_doctor_asks_whether_qdrant_answers(town: Copied, database_url: str, tmp_path: Path) -> None:
    async def finding() -> Finding:
        settings = Settings(database_url=SecretStr(database_url), data_dir=tmp_path, qdrant_url=town.server.url)
        return next(each for each in (await examine(settings)).findings if each.name == "Qdrant")

    assert (await finding()).state is State.OK
    town.server.faults.append(Says(503))
    assert (await finding()).state is State.NOTE
    town.server.faults.append(Says(401))
    assert (await finding()).state is State.FAULT


async def test_a_worker_does_it_all_by_itself(town: Copied, engine: AsyncEngine, database_url: str) -> None:
    handlers, stop = Handlers(), asyncio.Event()
    SearchJobs(town.sessions, engine, cast(Embedder, town.embedder), service.VectorIndexOptions(), town.index).register(
        handlers
    )
    working = asyncio.create_task(run_jobs(database_url, handlers, WorkerOptions(concurrency=4), stop))
    await service.begin_copy(town.sessions)
    while await town.state() is not CopyState.SERVING:
        pass
    await town.remove([1, 2])
    await town.add([20])
    while not await town.is_whole():
        pass
    stop.set()
    await working
