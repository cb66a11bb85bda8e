"""The real client over real HTTP: what goes wrong there, and what is said about it."""

import asyncio
import contextlib
import random
import re
import sys
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import hypot
from operator import mul

import pytest
from tests.integrations.vector_index.conftest import KEY
from tests.integrations.vector_index.edge_engine import EdgeEngine

from kunak.foundation.errors import ConflictError, ErrorClass, InvalidInputError, KunakError
from kunak.integrations.vector_index.fake import Breaks, FakeQdrant, Fault, Hangs, Says
from kunak.integrations.vector_index.interface import (
    Collection,
    CollectionMissingError,
    Conditions,
    IndexKeyRefusedError,
    IndexRefusedError,
    IndexUnavailableError,
    Point,
)
from kunak.integrations.vector_index.opening import open_vector_index
from kunak.integrations.vector_index.qdrant import QdrantAccess, QdrantIndex, open_qdrant
from kunak.integrations.vector_index.qdrant_shapes import FIELDS, collection_name

POINT = Point(1, [1, 0, 0, 0], "document", "ru")
Call = Callable[[QdrantIndex, Collection], Awaitable[object]]


async def prepare(index: QdrantIndex, town: Collection) -> None:
    await index.prepare(town)


async def upsert(index: QdrantIndex, town: Collection) -> None:
    await index.upsert(town, [POINT])


async def remove(index: QdrantIndex, town: Collection) -> None:
    await index.remove(town, [1])


async def nearest(index: QdrantIndex, town: Collection) -> object:
    return await index.nearest(town, [1, 0, 0, 0], limit=1)


async def count(index: QdrantIndex, town: Collection) -> object:
    return await index.count(town)


CALLS = [prepare, upsert, remove, nearest, count]
DATE = "Fri, 20 Nov 2026 12:00:00 GMT"


@dataclass(frozen=True)
class Case:
    fault: Fault
    expected: type[KunakError]
    words: str

    def __str__(self) -> str:
        return str(self.fault)[:60]


FAULTS = [
    Case(Says(500), IndexUnavailableError, "answers 500: as told"),
    Case(Says(503, "<html>Bad\n gateway</html>"), IndexUnavailableError, "answers 503: <html>Bad gateway</html>"),
    Case(Says(429), IndexUnavailableError, "answers 429"),
    Case(Says(429, headers={"Retry-After": "7"}), IndexUnavailableError, "overloaded"),
    Case(Says(429, headers={"Retry-After": DATE}), IndexUnavailableError, "does not answer as it should"),
    Case(Says(401, "Must provide an API key"), IndexKeyRefusedError, "KUNAK_QDRANT_API_KEY"),
    Case(Says(403), IndexKeyRefusedError, "KUNAK_QDRANT_API_KEY"),
    Case(Says(400), IndexRefusedError, "refuses this (400): as told"),
    Case(Says(404, "nginx"), IndexRefusedError, "refuses this (404): nginx"),
    Case(Says(302, headers={"Location": "/login"}), IndexUnavailableError, "answers 302"),
    Case(Says(200, "{"), IndexUnavailableError, "does not answer as it should"),
    Case(Says(200, '{"result": null, "status": "ok"}'), IndexUnavailableError, "does not answer as it should"),
    Case(Says(200, '{"result": 7, "status": "ok"}'), IndexUnavailableError, "does not answer as it should"),
    Case(Breaks(), IndexUnavailableError, "does not answer as it should"),
    Case(Breaks(after=True), IndexUnavailableError, "does not answer as it should"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("case", FAULTS, ids=str)
async def test_a_fault_says_what_it_is_and_is_over(
    server: FakeQdrant, index: QdrantIndex, town: Collection, call: Call, case: Case
) -> None:
    await index.prepare(town)
    server.faults.append(case.fault)
    with pytest.raises(case.expected, match=re.escape(case.words)):
        await call(index, town)
    await call(index, town)


async def test_how_long_to_wait_is_told(server: FakeQdrant, index: QdrantIndex, town: Collection) -> None:
    server.faults.append(Says(429, headers={"Retry-After": "7"}))
    with pytest.raises(IndexUnavailableError) as caught:
        await index.count(town)
    assert caught.value.retry_after == 7


async def test_a_search_does_not_wait_for_a_server_that_hangs(server: FakeQdrant, town: Collection) -> None:
    index = open_qdrant(QdrantAccess(server.url, KEY, search_within_s=0.05, work_within_s=60))
    server.faults.append(Hangs())
    with pytest.raises(IndexUnavailableError, match=r"within 0\.05 s"):
        await index.nearest(town, [1, 0, 0, 0], limit=1)
    await index.close()


async def test_a_server_that_is_away_and_comes_back(edge: EdgeEngine, town: Collection) -> None:
    fake = FakeQdrant(edge)
    async with fake.running():
        index = open_qdrant(QdrantAccess(fake.url, search_within_s=60))
        await index.prepare(town)
        await index.upsert(town, [POINT])
    with pytest.raises(IndexUnavailableError):
        await index.nearest(town, [1, 0, 0, 0], limit=1)
    async with fake.running(port=int(fake.url.rpartition(":")[2])):
        assert [near.entry_id for near in await index.nearest(town, [1, 0, 0, 0], limit=1)] == [1]
    await index.close()


@pytest.mark.parametrize("call", [upsert, remove, nearest, count])
async def test_a_collection_that_is_gone(server: FakeQdrant, index: QdrantIndex, town: Collection, call: Call) -> None:
    await index.prepare(town)
    await server.lose_everything()
    with pytest.raises(CollectionMissingError):
        await call(index, town)


async def test_a_change_that_is_only_promised_is_not_done(
    server: FakeQdrant, index: QdrantIndex, town: Collection
) -> None:
    await index.prepare(town)
    server.waits_for_changes = False
    for call in (upsert, remove):
        with pytest.raises(IndexUnavailableError, match="has not made it yet"):
            await call(index, town)


@pytest.mark.parametrize("vector", [[1, 0, 0], [1, 0, 0, 0, 0], [], [1, 0, 0, float("nan")], [1, 0, 0, float("inf")]])
async def test_a_vector_that_is_none_of_the_collection_changes_nothing(
    server: FakeQdrant, index: QdrantIndex, town: Collection, vector: list[float]
) -> None:
    await index.prepare(town)
    with pytest.raises(InvalidInputError, match=r"dimensions, those of towns|numbers that are none"):
        await index.upsert(town, [POINT, Point(2, vector, "document", "ru")])
    with pytest.raises(InvalidInputError):
        await index.nearest(town, vector, limit=1)
    assert await index.count(town) == 0


async def test_two_who_prepare_at_once(server: FakeQdrant, index: QdrantIndex, town: Collection) -> None:
    await asyncio.gather(*(index.prepare(town) for _ in range(5)))
    assert await index.count(town) == 0


async def test_prepare_goes_on_where_it_was_broken_off(
    server: FakeQdrant, index: QdrantIndex, town: Collection
) -> None:
    await index.prepare(Collection("another", 4))
    calls_of_one = len(server.calls)
    for fine in range(calls_of_one):
        server.faults.extend([*[None] * fine, Breaks(after=True)])
        with contextlib.suppress(IndexUnavailableError):
            await index.prepare(town)
        server.faults.clear()
    await index.prepare(town)
    assert server.fields_of(collection_name(town)) == set(FIELDS)


async def test_what_somebody_else_put_under_our_name_is_left_alone(
    server: FakeQdrant, index: QdrantIndex, town: Collection
) -> None:
    await index.prepare(town)
    vectors = server.vectors_of(collection_name(town))
    vectors.size = 8
    with pytest.raises(ConflictError, match="delete it there"):
        await index.prepare(town)


async def test_an_index_that_is_still_being_built(server: FakeQdrant, index: QdrantIndex, town: Collection) -> None:
    await index.prepare(town)
    assert await index.is_settled(town)
    server.settled = False
    assert not await index.is_settled(town)


async def test_a_wrong_key_is_named_without_the_key(server: FakeQdrant, town: Collection) -> None:
    for key in ("a-wrong-key-4711", None):
        index = open_qdrant(QdrantAccess(server.url, key))
        with pytest.raises(IndexKeyRefusedError) as caught:
            await index.prepare(town)
        assert caught.value.error_class is ErrorClass.FATAL
        assert "4711" not in "".join(traceback.format_exception(caught.value))
        await index.close()


async def test_a_server_that_repeats_the_key_does_not_give_it_away(
    server: FakeQdrant, index: QdrantIndex, town: Collection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for fault in (Says(400, f"what is {KEY}?"), Says(500, f"no {KEY}"), Says(401, KEY)):
        server.faults.append(fault)
        with pytest.raises(KunakError) as caught:
            await index.count(town)
        assert KEY not in "".join(traceback.format_exception(caught.value))
    assert KEY not in caplog.text
    assert KEY not in repr(QdrantAccess(server.url, KEY))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:6333",
        "qdrant",
        "ftp://127.0.0.1",
        "http://",
        "http://alice:secret@127.0.0.1:6333",
        "http://[",
        "http://h?key=secret",
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(InvalidInputError, match="QDRANT_URL must be like") as caught:
        open_vector_index(url, None)
    assert "secret" not in str(caught.value)


def test_without_the_client_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("kunak.integrations.vector_index.qdrant")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    with pytest.raises(InvalidInputError, match="make qdrant"):
        open_vector_index("http://127.0.0.1:6333", None)


@pytest.mark.parametrize("model", ["a/b", "..", "intfloat/multilingual-e5-large", "Модель", "a" * 500, "a?b#c", ""])
def test_a_collection_has_a_name_that_is_safe_in_an_address(model: str) -> None:
    name = collection_name(Collection(model, 384))
    assert name.replace("-", "").isalnum()
    assert name.isascii()
    assert len(name) < 120


async def test_the_graph_finds_what_looking_at_everything_finds(edge: EdgeEngine) -> None:
    async with FakeQdrant(edge).running() as server:
        index = open_qdrant(QdrantAccess(server.url, search_within_s=60))
        assert await measure_recall(index, edge) >= 0.95
        await index.close()


async def measure_recall(index: QdrantIndex, edge: EdgeEngine) -> float:
    """Of filtered searches among two thousand."""
    crowd, dice = Collection("crowd", 16), random.Random(7)  # noqa: S311  the same vectors every time
    await index.prepare(crowd)
    points = [
        Point(number, [dice.gauss(0, 1) for _ in range(16)], "document", dice.choice(["ru", "en"]), price=number % 50)
        for number in range(1, 2001)
    ]
    await index.upsert(crowd, points)
    assert await edge.build_graphs() == 2000
    ours = found = 0
    for _ in range(20):
        asked = [dice.gauss(0, 1) for _ in range(16)]
        near = await index.nearest(crowd, asked, limit=10, conditions=Conditions(languages=("ru",), price_to=20))
        fitting = [point for point in points if point.language == "ru" and (point.price or 0) <= 20]
        nearest = sorted(fitting, key=lambda point: -_cosine(asked, point.vector))[:10]
        ours += len(nearest)
        found += len({each.entry_id for each in near} & {point.entry_id for point in nearest})
    return found / ours


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(map(mul, one, other), 0.0) / hypot(*other)
