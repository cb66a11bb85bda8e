"""What servers of the OpenAI protocol do, well and badly."""

import asyncio
from typing import Any

import pytest

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.embeddings.fake import FakeEmbeddings
from kunak.integrations.embeddings.openai_compatible import OpenAICompatibleEmbedder, address
from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.model_endpoint.errors import ModelUnavailableError, ModelUnusableError, TextRefusedError
from kunak.integrations.model_endpoint.fake import FaultKind
from tests.integrations.embeddings.conftest import KEY, Connect

TEXTS = ["one flat", "two bicycles", "three snowmen"]


async def test_prefixes_and_dimensions_are_sent(server: FakeEmbeddings, connect: Connect) -> None:
    embedder = connect(server, dimensions=16, query_prefix="query: ", passage_prefix="passage: ")
    assert len(await embedder.embed_query("flat")) == 16
    await embedder.embed_passages(["snow"])
    assert server.texts == ["query: flat", "passage: snow"]
    assert server.received[0].body["model"] == "tiny"


def test_what_cannot_be_compared_has_another_id(connect: Connect) -> None:
    nowhere = FakeEmbeddings()
    nowhere._base = "http://nowhere.example"  # noqa: SLF001  not served: nobody is asked
    options: list[dict[str, Any]] = [
        {},
        {"dimensions": 64},
        {"query_prefix": "query: "},
        {"passage_prefix": "query: "},
        {"dimensions": 32},
    ]
    assert len({connect(nowhere, **each).model for each in options}) == len(options)
    assert connect(nowhere, batch_texts=1, text_characters=500).model == "tiny"


async def test_requests_are_limited_by_number_and_by_length(server: FakeEmbeddings, connect: Connect) -> None:
    embedder = connect(server, batch_texts=3, batch_characters=100, text_characters=90)
    texts = ["a", "b", "c", "d", "e" * 500, "f" * 60, "g" * 60]
    assert len(await embedder.embed_passages(texts)) == 7
    sizes = sorted(tuple(len(text) for text in request.body["input"]) for request in server.received)
    assert sizes == [(1, 1, 1), (1, 90), (60,), (60,)]


async def test_base64_and_plain_numbers_say_the_same(connect: Connect) -> None:
    async with FakeEmbeddings() as modern, FakeEmbeddings(knows_base64=False) as old:
        one, other = connect(modern), connect(old)
        assert await one.embed_passages(TEXTS) == await other.embed_passages(TEXTS)
        await other.embed_query("again")
        assert [request.body["encoding_format"] for request in old.received] == ["base64", "float", "float"]


async def test_a_server_that_takes_fewer_texts_gets_fewer(connect: Connect) -> None:
    async with FakeEmbeddings(most_texts=8) as server:
        embedder = connect(server)
        texts = [f"text {number}" for number in range(32)]
        assert len(await embedder.embed_passages(texts)) == 32
        server.received.clear()
        await embedder.embed_passages(texts)
        assert [len(request.body["input"]) for request in server.received] == [8, 8, 8, 8]


async def test_the_text_that_is_refused_is_named(connect: Connect) -> None:
    async with FakeEmbeddings(longest_text=100) as server:
        with pytest.raises(TextRefusedError, match="maximum context length") as refused:
            await connect(server).embed_passages([*TEXTS, "x" * 200, *TEXTS])
        assert refused.value.position == 3


async def test_answers_out_of_order_are_put_in_order(server: FakeEmbeddings, connect: Connect) -> None:
    embedder = connect(server)
    right = await embedder.embed_passages(TEXTS)
    server.break_next(FaultKind.WRONG_ORDER)
    assert await embedder.embed_passages(TEXTS) == right


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (FaultKind.TOO_MANY_REQUESTS, ModelUnavailableError, "fewer requests"),
        (FaultKind.INTERNAL_ERROR, ModelUnavailableError, "in trouble"),
        (FaultKind.UNAUTHORIZED, ModelUnusableError, "refuses the key"),
        (FaultKind.NO_QUOTA, ModelUnusableError, "no quota"),
        (FaultKind.UNKNOWN_MODEL, ModelUnusableError, "no such model"),
        (FaultKind.BAD_REQUEST, TextRefusedError, "too long"),
        (FaultKind.DROP, ModelUnavailableError, "No connection"),
        (FaultKind.BROKEN_JSON, ModelUnavailableError, "not JSON"),
        (FaultKind.CUT_BODY, ModelUnavailableError, "got lost"),
        (FaultKind.REDIRECT, ModelUnusableError, "nothing at this address"),
        (FaultKind.WRONG_COUNT, ModelUnavailableError, "2 embeddings for 3 texts"),
        (FaultKind.EMPTY, ModelUnavailableError, "0 embeddings for 3 texts"),
        (FaultKind.WRONG_DIMENSIONS, ModelUnusableError, "32 numbers in place of 64"),
        (FaultKind.NOT_A_NUMBER, TextRefusedError, "text 2: .* not finite"),
        (FaultKind.ZEROS, TextRefusedError, "text 2: .* all zeros"),
    ],
)
async def test_each_fault_is_a_clear_error_and_the_next_request_works(
    server: FakeEmbeddings, embedder: OpenAICompatibleEmbedder, fault: FaultKind, error: type[Exception], says: str
) -> None:
    server.break_next(fault, times=None)
    with pytest.raises(error, match=says) as raised:
        await embedder.embed_passages(TEXTS)
    assert KEY not in repr(raised.value)
    server.mend()
    assert len(await embedder.embed_passages(TEXTS)) == 3


async def test_how_long_to_wait_is_passed_on(server: FakeEmbeddings, embedder: OpenAICompatibleEmbedder) -> None:
    server.break_next(FaultKind.TOO_MANY_REQUESTS, retry_after="17")
    with pytest.raises(ModelUnavailableError) as raised:
        await embedder.embed_query("flat")
    assert raised.value.retry_after == 17


async def test_a_model_that_changes_behind_the_address_is_found_out(connect: Connect) -> None:
    async with FakeEmbeddings() as server:
        embedder = connect(server)
        await embedder.embed_query("flat")
        server.dimensions = 32
        with pytest.raises(ModelUnusableError, match="another model stands behind the address"):
            await embedder.embed_query("bicycle")


async def test_a_wrong_key_is_not_repeated(server: FakeEmbeddings, connect: Connect) -> None:
    with pytest.raises(ModelUnusableError) as raised:
        await connect(server, key="sk-bobs-guess").embed_query("flat")
    assert "bob" not in str(raised.value)
    assert raised.value.__cause__ is None


async def test_a_server_that_hangs_is_given_up(server: FakeEmbeddings, connect: Connect) -> None:
    server.break_next(FaultKind.HANG)
    with pytest.raises(ModelUnavailableError, match=r"longer than 0\.05 s"):
        await connect(server, timeout_s=0.05).embed_query("flat")


async def test_a_kept_connection_that_was_closed_is_opened_anew(
    server: FakeEmbeddings, embedder: OpenAICompatibleEmbedder
) -> None:
    await embedder.embed_query("flat")
    server.break_next(FaultKind.DROP)
    assert len(await embedder.embed_query("flat")) == 64


async def test_nobody_there(server: FakeEmbeddings, connect: Connect) -> None:
    embedder = connect(server)
    await server.__aexit__()
    with pytest.raises(ModelUnavailableError, match=r"No connection to 127\.0\.0\.1"):
        await embedder.embed_query("flat")


async def test_cancelled_it_hangs_up_on_all_requests(server: FakeEmbeddings, connect: Connect) -> None:
    server.break_next(FaultKind.HANG, times=None)
    asking = asyncio.create_task(connect(server, batch_texts=1).embed_passages(TEXTS))
    await server.received_count(3)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await server.abandoned_count(3)


async def test_a_question_does_not_stand_in_line_behind_an_import(server: FakeEmbeddings, connect: Connect) -> None:
    embedder = connect(server, concurrency=1, batch_texts=1)
    server.break_next(FaultKind.HANG)
    importing = asyncio.create_task(embedder.embed_passages(TEXTS))
    await server.received_count(1)
    assert len(await embedder.embed_query("flat")) == 64
    assert server.texts == ["one flat", "flat"]
    server.mend()
    assert len(await importing) == 3


async def test_one_request_that_fails_ends_the_others(server: FakeEmbeddings, connect: Connect) -> None:
    server.break_next(FaultKind.UNAUTHORIZED)
    server.break_next(FaultKind.HANG, times=None)
    with pytest.raises(ModelUnusableError):
        await connect(server, batch_texts=1).embed_passages(TEXTS)
    await server.abandoned_count(len(server.received) - 1)


@pytest.mark.parametrize(
    "url", ["", "models.example/v1", "ftp://models.example", "http://", "http://a:b@models.example"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        JsonEndpoint(address(url))
    assert "a:b" not in str(refused.value)


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(InvalidInputError) as refused:
        JsonEndpoint("http://models.example", key="sk-ключ")
    assert "ключ" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://m.example/v1", "http://m.example/v1/", "http://m.example/v1/embeddings"])
def test_an_address_may_be_given_short_or_whole(url: str) -> None:
    assert address(url) == "http://m.example/v1/embeddings"
