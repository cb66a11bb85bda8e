"""The same index over every engine there is: in the client, the server's own, and a server when one is named."""

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from qdrant_client import AsyncQdrantClient
from tests.integrations.vector_index.edge_engine import EdgeEngine

from kunak.integrations.vector_index.fake import ClientEngine, FakeQdrant
from kunak.integrations.vector_index.interface import Collection, VectorIndex
from kunak.integrations.vector_index.qdrant import QdrantAccess, QdrantIndex, open_qdrant

KEY = "the-key-of-the-town"
SERVER = os.environ.get("KUNAK_TEST_QDRANT_URL")
"""A real server to test on, with KUNAK_TEST_QDRANT_API_KEY, when there is one."""
ENGINES = ["in the client", "client over http", "server's engine over http", *(["a server"] if SERVER else [])]


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[EdgeEngine]:
    engine = EdgeEngine(tmp_path)
    yield engine
    await engine.close()


@pytest.fixture
async def server() -> AsyncIterator[FakeQdrant]:
    """Speaks HTTP and asks for the key."""
    engine = ClientEngine()
    async with FakeQdrant(engine, api_key=KEY).running() as server:
        yield server
    await engine.close()


@pytest.fixture
async def index(server: FakeQdrant) -> AsyncIterator[QdrantIndex]:
    index = open_qdrant(QdrantAccess(server.url, KEY, search_within_s=60, work_within_s=60))
    yield index
    await index.close()


@pytest.fixture
def town() -> Collection:
    """A collection of four dimensions that no other test has."""
    return Collection("towns/Мини-Model v2", 4, owner=f"kunak-test-{secrets.token_hex(4)}")


@pytest.fixture(scope="module", params=ENGINES)
async def each_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[VectorIndex]:
    async for index in _open(str(request.param), tmp_path_factory.mktemp("engine")):
        yield index
        await index.close()


@pytest.fixture
async def each_index(each_engine: VectorIndex, town: Collection) -> AsyncIterator[VectorIndex]:
    """All that anybody may stand on, one after the other, with an empty `town`."""
    await each_engine.prepare(town)
    yield each_engine
    await each_engine.discard(town)


async def _open(which: str, folder: Path) -> AsyncIterator[VectorIndex]:
    if which == "in the client":
        yield QdrantIndex(AsyncQdrantClient(":memory:"), QdrantAccess("memory"))
    elif which == "a server":
        yield open_qdrant(QdrantAccess(SERVER or "", os.environ.get("KUNAK_TEST_QDRANT_API_KEY"), search_within_s=30))
    else:
        engine = ClientEngine() if which == "client over http" else EdgeEngine(folder)
        async with FakeQdrant(engine).running() as server:
            yield open_qdrant(QdrantAccess(server.url, search_within_s=60))
        await engine.close()
