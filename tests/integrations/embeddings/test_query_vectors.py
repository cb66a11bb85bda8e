"""The vectors of questions: kept, asked for once, never waited for too long."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from kunak.integrations.circuit_breaker import Circuit, CircuitOptions
from kunak.integrations.embeddings.fake import FakeEmbeddings
from kunak.integrations.embeddings.query_vectors import QueryVectors
from kunak.integrations.model_endpoint.fake import FaultKind
from tests.integrations.embeddings.conftest import Connect

Open = Callable[..., QueryVectors]


@pytest.fixture
async def questions(server: FakeEmbeddings, connect: Connect) -> AsyncIterator[Open]:
    """Query vectors of this server, with patience unless told otherwise."""
    opened: list[QueryVectors] = []

    def open_one(**options: Any) -> QueryVectors:
        opened.append(QueryVectors(connect(server), **{"deadline_s": 20, **options}))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.close()


async def test_the_same_question_is_asked_once(server: FakeEmbeddings, questions: Open) -> None:
    vectors = questions()
    first = await vectors.vector_of("where is a flat")
    assert first is not None
    assert await vectors.vector_of(" where is a flat ") is first
    assert server.texts == ["where is a flat"]


async def test_those_who_ask_at_once_share_one_request(server: FakeEmbeddings, questions: Open) -> None:
    vectors = questions()
    alice, bob = await asyncio.gather(vectors.vector_of("snow"), vectors.vector_of("snow"))
    assert alice is bob is not None
    assert len(server.received) == 1


async def test_late_it_is_nobodys_but_kept_for_the_next(server: FakeEmbeddings, questions: Open) -> None:
    vectors = questions(deadline_s=0.05)
    server.break_next(FaultKind.HANG)
    assert await vectors.vector_of("snow") is None
    [under_way] = vectors._asked.values()  # noqa: SLF001  to wait for it, not for the clock
    server.mend()
    await under_way
    assert await vectors.vector_of("snow") is not None
    assert len(server.received) == 1


async def test_one_who_leaves_does_not_take_it_from_the_other(server: FakeEmbeddings, questions: Open) -> None:
    vectors = questions()
    server.break_next(FaultKind.HANG)
    alice = asyncio.create_task(vectors.vector_of("snow"))
    await server.received_count(1)
    bob = asyncio.create_task(vectors.vector_of("snow"))
    alice.cancel()
    server.mend()
    assert await bob is not None
    assert len(server.received) == 1


async def test_the_longest_unused_is_forgotten(server: FakeEmbeddings, questions: Open) -> None:
    vectors = questions(keep=2)
    for question in ("one", "two", "one", "three", "one", "two"):
        await vectors.vector_of(question)
    assert server.texts == ["one", "two", "three", "two"]


async def test_a_provider_that_fails_is_left_alone_then_probed(server: FakeEmbeddings, questions: Open) -> None:
    seconds = [0.0]
    vectors = questions(
        circuit=Circuit(CircuitOptions(failures=2, first_pause_s=30, longest_pause_s=30), lambda: seconds[0])
    )
    server.break_next(FaultKind.INTERNAL_ERROR, times=3)
    assert [await vectors.vector_of(word) for word in ("one", "two", "three")] == [None] * 3
    assert len(server.received) == 2
    seconds[0] = 30
    assert [await vectors.vector_of(word) for word in ("four", "five")] == [None] * 2
    assert len(server.received) == 3
    seconds[0] = 60
    assert await vectors.vector_of("six") is not None
    assert await vectors.vector_of("seven") is not None


async def test_a_refused_key_is_told_once_without_the_key(
    server: FakeEmbeddings, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    vectors = QueryVectors(connect(server, key="sk-bobs-guess"), deadline_s=20)
    assert [await vectors.vector_of(word) for word in ("one", "two", "three")] == [None] * 3
    assert len(server.received) == 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "bob" not in caplog.text


async def test_a_refused_text_is_its_own_trouble(server: FakeEmbeddings, questions: Open) -> None:
    vectors = questions(circuit=Circuit(CircuitOptions(failures=1)))
    server.break_next(FaultKind.BAD_REQUEST, times=2)
    assert await vectors.vector_of("odd") is None
    assert await vectors.vector_of("snow") is not None


async def test_a_blank_question_asks_nobody(server: FakeEmbeddings, questions: Open) -> None:
    assert await questions().vector_of(" \n") is None
    assert server.received == []


async def test_no_more_are_under_way_than_allowed(server: FakeEmbeddings, questions: Open) -> None:
    vectors = questions(most_at_once=1)
    server.break_next(FaultKind.HANG)
    first = asyncio.create_task(vectors.vector_of("one"))
    await server.received_count(1)
    assert await vectors.vector_of("two") is None
    server.mend()
    assert await first is not None


async def test_closing_gives_up_what_is_under_way(server: FakeEmbeddings, questions: Open) -> None:
    vectors = questions()
    server.break_next(FaultKind.HANG)
    waiting = asyncio.create_task(vectors.vector_of("snow"))
    await server.received_count(1)
    await vectors.close()
    assert await waiting is None
    await server.abandoned_count(1)
    assert await vectors.vector_of("flat") is None
