"""The embedding server of tests, and clients of it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from kunak.integrations.embeddings.fake import FakeEmbeddings
from kunak.integrations.embeddings.openai_compatible import OpenAICompatibleEmbedder, address
from kunak.integrations.embeddings.options import EmbeddingOptions
from kunak.integrations.model_endpoint.client import JsonEndpoint

KEY = "sk-alices-secret"
Connect = Callable[..., OpenAICompatibleEmbedder]


@pytest.fixture
async def server() -> AsyncIterator[FakeEmbeddings]:
    async with FakeEmbeddings(key=KEY) as fake:
        yield fake


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """A client of this server, closed at the end: options of the embedder by name, and those of the endpoint."""
    opened: list[OpenAICompatibleEmbedder] = []

    def open_one(
        server: FakeEmbeddings, *, timeout_s: float = 20, key: str = KEY, concurrency: int = 4, **options: Any
    ) -> Any:
        endpoint = JsonEndpoint(address(server.base), key=key, timeout_s=timeout_s, concurrency=concurrency)
        opened.append(OpenAICompatibleEmbedder(endpoint, "tiny", EmbeddingOptions(**options)))
        return opened[-1]

    yield open_one
    for embedder in opened:
        await embedder.close()


@pytest.fixture
def embedder(server: FakeEmbeddings, connect: Connect) -> OpenAICompatibleEmbedder:
    return connect(server)
