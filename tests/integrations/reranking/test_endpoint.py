"""What reranking servers are asked, and what goes wrong with them."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.model_endpoint.errors import ModelUnavailableError, ModelUnusableError, TextRefusedError
from kunak.integrations.model_endpoint.fake import FaultKind
from kunak.integrations.reranking.endpoint import EndpointReranker
from kunak.integrations.reranking.fake import FakeReranker
from kunak.integrations.reranking.styles import RerankStyle, address

KEY = "sk-alices-secret"
TEXTS = ["one flat", "two bicycles", "three snowmen"]
Connect = Callable[[RerankStyle], EndpointReranker]


@pytest.fixture
async def server() -> AsyncIterator[FakeReranker]:
    async with FakeReranker(key=KEY) as fake:
        yield fake


@pytest.fixture
async def connect(server: FakeReranker) -> AsyncIterator[Connect]:
    opened: list[EndpointReranker] = []

    def open_one(style: RerankStyle) -> EndpointReranker:
        endpoint = JsonEndpoint(address(server.base, style), key=KEY)
        opened.append(EndpointReranker(endpoint, "tiny", style))
        return opened[-1]

    yield open_one
    for reranker in opened:
        await reranker.close()


@pytest.mark.parametrize(
    ("style", "path", "body"),
    [
        (RerankStyle.COHERE, "/v2/rerank", {"model": "tiny", "query": "q", "documents": TEXTS, "top_n": 3}),
        (
            RerankStyle.JINA,
            "/v1/rerank",
            {"model": "tiny", "query": "q", "documents": TEXTS, "top_n": 3, "return_documents": False},
        ),
        (RerankStyle.TEI, "/rerank", {"query": "q", "texts": TEXTS, "truncate": True, "raw_scores": False}),
    ],
)
async def test_each_style_is_asked_its_way(
    server: FakeReranker, connect: Connect, style: RerankStyle, path: str, body: dict[str, object]
) -> None:
    await connect(style).rerank("q", TEXTS)
    [received] = server.received
    assert (received.path, received.body) == (path, body)


@pytest.mark.parametrize(
    ("base", "style", "whole"),
    [
        ("http://m.example", RerankStyle.COHERE, "http://m.example/v2/rerank"),
        ("http://m.example/", RerankStyle.JINA, "http://m.example/v1/rerank"),
        ("http://m.example:8080", RerankStyle.TEI, "http://m.example:8080/rerank"),
        ("http://m.example/v1", RerankStyle.JINA, "http://m.example/v1/rerank"),
        ("http://m.example/v3/", RerankStyle.COHERE, "http://m.example/v3/rerank"),
        ("http://m.example/deep/rerank", RerankStyle.JINA, "http://m.example/deep/rerank"),
    ],
)
def test_an_address_may_be_given_short_or_whole(base: str, style: RerankStyle, whole: str) -> None:
    assert address(base, style) == whole


@pytest.mark.parametrize("style", RerankStyle)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (FaultKind.TOO_MANY_REQUESTS, ModelUnavailableError),
        (FaultKind.INTERNAL_ERROR, ModelUnavailableError),
        (FaultKind.UNAUTHORIZED, ModelUnusableError),
        (FaultKind.NO_QUOTA, ModelUnusableError),
        (FaultKind.UNKNOWN_MODEL, ModelUnusableError),
        (FaultKind.BAD_REQUEST, TextRefusedError),
        (FaultKind.DROP, ModelUnavailableError),
        (FaultKind.BROKEN_JSON, ModelUnavailableError),
        (FaultKind.CUT_BODY, ModelUnavailableError),
        (FaultKind.WRONG_COUNT, ModelUnavailableError),
        (FaultKind.WRONG_ORDER, ModelUnavailableError),
        (FaultKind.EMPTY, ModelUnavailableError),
        (FaultKind.NOT_A_NUMBER, ModelUnavailableError),
    ],
)
async def test_each_fault_is_a_clear_error_and_the_next_request_works(
    server: FakeReranker, connect: Connect, style: RerankStyle, fault: FaultKind, error: type[Exception]
) -> None:
    reranker = connect(style)
    server.break_next(fault, times=None)
    with pytest.raises(error) as raised:
        await reranker.rerank("two bicycles", TEXTS)
    assert KEY not in repr(raised.value)
    server.mend()
    assert len(await reranker.rerank("two bicycles", TEXTS)) == 3


async def test_a_server_of_another_style_is_found_out(server: FakeReranker) -> None:
    reranker = EndpointReranker(JsonEndpoint(f"{server.base}/rerank", key=KEY), "tiny", RerankStyle.JINA)
    with pytest.raises(ModelUnavailableError, match="in trouble"):
        await reranker.rerank("q", TEXTS)
    await reranker.close()


async def test_out_of_time_it_hangs_up_and_the_next_question_works(server: FakeReranker, connect: Connect) -> None:
    reranker = connect(RerankStyle.TEI)
    server.break_next(FaultKind.HANG, times=None)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reranker.rerank("q", TEXTS * 30), timeout=0.05)
    await server.abandoned_count(len(server.received))
    server.mend()
    assert len(await reranker.rerank("q", TEXTS)) == 3
