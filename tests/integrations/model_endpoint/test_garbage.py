"""Whatever a model's server sends, it comes to one of our three errors, and soon."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from kunak.foundation.errors import KunakError
from kunak.integrations.embeddings.openai_compatible import OpenAICompatibleEmbedder
from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.model_endpoint.errors import ModelUnavailableError, seconds_to_wait
from kunak.integrations.reranking.endpoint import EndpointReranker
from kunak.integrations.reranking.styles import RerankStyle

DEEP = b"[" * 200_000
HUGE = b"1" + b"0" * 400
OK = b'{"data": [{"index": 0, "embedding": [1, 0]}]}'


@asynccontextmanager
async def answering(body: bytes, *, status: int = 200, header: str = "") -> AsyncIterator[str]:
    """The address of a server that says this to whatever it is asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-le")
        )
        await reader.readexactly(length)
        begin = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{header}Connection: close\r\n\r\n"
        writer.write(begin.encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def embed(url: str) -> object:
    embedder = OpenAICompatibleEmbedder(JsonEndpoint(f"{url}/embeddings", timeout_s=20), "m")
    try:
        return await embedder.embed_query("hi")
    finally:
        await embedder.close()


async def rerank(url: str) -> object:
    reranker = EndpointReranker(JsonEndpoint(f"{url}/rerank", timeout_s=20), "m", RerankStyle.COHERE)
    try:
        return await reranker.rerank("q", ["a", "b"])
    finally:
        await reranker.close()


@pytest.mark.parametrize(
    ("ask", "body"),
    [
        (embed, DEEP),
        (embed, b'{"data": [{"index": [], "embedding": [1, 0]}]}'),
        (embed, b'{"data": [{"index": {}, "embedding": [1, 0]}]}'),
        (embed, b'{"data": [{"index": 0, "embedding": [' + HUGE + b", 1]}]}"),
        (embed, b'{"error": {"code": {}, "message": {}}}'),
        (rerank, DEEP),
        (rerank, b'{"results": [{"index": [], "relevance_score": 1}, {"index": 1, "relevance_score": 2}]}'),
        (rerank, b'{"results": [{"index": 0, "relevance_score": ' + HUGE + b'}, {"index": 1, "relevance_score": 1}]}'),
    ],
)
async def test_garbage_is_an_error_of_ours(ask: Callable[[str], Awaitable[object]], body: bytes) -> None:
    async with answering(body) as url:
        with pytest.raises(KunakError):
            await ask(url)


@pytest.mark.parametrize("status", [600, 999])
async def test_a_status_that_means_nothing_is_tried_again(status: int) -> None:
    async with answering(OK, status=status) as url:
        with pytest.raises(ModelUnavailableError):
            await embed(url)


async def test_of_a_book_in_place_of_an_error_only_the_beginning_is_read() -> None:
    async with answering(b'{"error": {"message": "' + b"model " * 300_000 + b'"}}', status=400) as url:
        with pytest.raises(KunakError) as refused:
            await embed(url)
    assert len(str(refused.value)) < 1_000


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("1e18", 3600),
        ("Mon, 01 Jan 9999 00:00:00 +0000", 3600),
        ("Mon, 99 Foo 99999999999999999999 00:00:00 -9999", None),
        ("nan", None),
        ("-5", 0),
        ("7", 7),
    ],
)
def test_nobody_is_waited_for_longer_than_an_hour(header: str, seconds: float | None) -> None:
    assert seconds_to_wait(header) == seconds
