"""What a vector index promises, whatever it stands on."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kunak.integrations.vector_index.interface import NO_CONDITIONS, Collection, Conditions, Point, VectorIndex

# The client's own engine looks at every point, and says so when it is told how to do it faster.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MOSCOW = timezone(timedelta(hours=3))

FLAT = Point(
    1, [1, 0, 0, 0], "listing", "ru", source="board", place="Орёл", category="rent", published_at=NOON, price=25_000
)
BIKE = Point(2, [1, 1, 0, 0], "listing", "en", source="board", place="Нальчик", category="sale", price=0)
NEWS = Point(3, [0, 1, 0, 0], "document", "ru", source="@town", place="НАЛЬЧИК", published_at=NOON - TICK)
NOTE = Point(4, [-1, 0, 0, 0], "document", "en")
ALL = {1, 2, 3, 4}

CASES = [
    pytest.param(Conditions(), ALL, id="nothing is asked"),
    pytest.param(Conditions(kinds=("listing",)), {1, 2}, id="a kind"),
    pytest.param(Conditions(kinds=("listing", "document")), ALL, id="either kind"),
    pytest.param(Conditions(kinds=("story",)), set(), id="a kind of which there is none"),
    pytest.param(Conditions(kinds=("list",)), set(), id="a part of a kind is no kind"),
    pytest.param(Conditions(kinds=("Listing",)), set(), id="kinds are compared letter by letter"),
    pytest.param(Conditions(sources=("board", "@town")), {1, 2, 3}, id="sources; who has none is out"),
    pytest.param(Conditions(languages=("ru",)), {1, 3}, id="a language"),
    pytest.param(Conditions(places=("нальчик",)), {2, 3}, id="places in whatever case"),
    pytest.param(Conditions(places=("Орел",)), {1}, id="ё is е"),
    pytest.param(Conditions(places=("ОРЁЛ", "Нальчик")), {1, 2, 3}, id="either place"),
    pytest.param(Conditions(categories=("rent",)), {1}, id="a category"),
    pytest.param(Conditions(published_from=NOON), {1}, id="from a moment on"),
    pytest.param(Conditions(published_from=NOON - TICK), {1, 3}, id="from a microsecond earlier"),
    pytest.param(Conditions(published_before=NOON), {3}, id="before a moment; who has no time is out"),
    pytest.param(Conditions(published_before=NOON + TICK), {1, 3}, id="before a microsecond later"),
    pytest.param(Conditions(published_from=NOON, published_before=NOON), set(), id="an empty period"),
    pytest.param(Conditions(published_from=NOON.astimezone(MOSCOW)), {1}, id="a moment in another zone"),
    pytest.param(Conditions(price_from=25_000), {1}, id="from a price, itself too"),
    pytest.param(Conditions(price_from=25_001), set(), id="from a price above"),
    pytest.param(Conditions(price_to=25_000), {1, 2}, id="up to a price, itself too; who has none is out"),
    pytest.param(Conditions(price_to=24_999), {2}, id="up to a price below"),
    pytest.param(Conditions(price_from=0), {1, 2}, id="from nought"),
    pytest.param(Conditions(price_to=0), {2}, id="up to nought"),
    pytest.param(Conditions(price_from=2, price_to=1), set(), id="an empty range"),
    pytest.param(Conditions(price_to=10**18), {1, 2}, id="up to more than there is money"),
    pytest.param(Conditions(languages=("ru",), places=("нальчик",)), {3}, id="all at once"),
    pytest.param(Conditions(kinds=("document",), price_from=0), set(), id="all at once, and nobody fits"),
]


@pytest.fixture
async def filled(each_index: VectorIndex, town: Collection) -> VectorIndex:
    await each_index.upsert(town, [FLAT, BIKE, NEWS, NOTE])
    return each_index


async def found(index: VectorIndex, town: Collection, conditions: Conditions = NO_CONDITIONS) -> list[int]:
    return [near.entry_id for near in await index.nearest(town, [1, 0, 0, 0], limit=10, conditions=conditions)]


@pytest.mark.parametrize(("conditions", "expected"), CASES)
async def test_only_what_was_asked_for(
    filled: VectorIndex, town: Collection, conditions: Conditions, expected: set[int]
) -> None:
    assert set(await found(filled, town, conditions)) == expected


async def test_the_nearest_come_first_with_their_cosine(filled: VectorIndex, town: Collection) -> None:
    near = await filled.nearest(town, [2, 0, 0, 0], limit=10)
    assert [each.entry_id for each in near] == [1, 2, 3, 4]
    assert [each.similarity for each in near] == pytest.approx([1, 0.5**0.5, 0, -1], abs=1e-3)
    assert [each.entry_id for each in await filled.nearest(town, [0, 5, 0, 0], limit=2)] == [3, 2]


async def test_equally_near_ones_come_by_id(each_index: VectorIndex, town: Collection) -> None:
    await each_index.upsert(town, [Point(number, [0, 0, 1, 0], "document", "ru") for number in (9, 7, 8)])
    assert [each.entry_id for each in await each_index.nearest(town, [0, 0, 1, 0], limit=3)] == [7, 8, 9]


async def test_an_entry_is_put_in_once_and_replaced(filled: VectorIndex, town: Collection) -> None:
    await filled.upsert(town, [Point(1, [0, 0, 0, 1], "document", "en")])
    assert await filled.count(town) == 4
    assert (await found(filled, town, Conditions(kinds=("listing",)))) == [2]
    assert await found(filled, town, Conditions(price_from=1)) == []


async def test_what_is_taken_out_is_found_no_more(filled: VectorIndex, town: Collection) -> None:
    await filled.remove(town, [1, 4, 77])
    await filled.remove(town, [1])
    await filled.remove(town, [])
    assert await found(filled, town) == [2, 3]
    assert await filled.count(town) == 2


async def test_preparing_again_changes_nothing(filled: VectorIndex, town: Collection) -> None:
    await filled.prepare(town)
    assert await found(filled, town) == [1, 2, 3, 4]


async def test_an_empty_index_finds_nothing(each_index: VectorIndex, town: Collection) -> None:
    assert await found(each_index, town) == []
    assert await each_index.count(town) == 0
    assert await each_index.is_settled(town)


async def test_models_and_owners_do_not_see_each_other(filled: VectorIndex, town: Collection) -> None:
    for other in (Collection(town.model + "!", 4, town.owner), Collection(town.model, 4, town.owner + "2")):
        await filled.prepare(other)
        assert await found(filled, other) == []
        await filled.discard(other)
    assert await filled.count(town) == 4


async def test_more_than_one_batch(each_index: VectorIndex, town: Collection) -> None:
    many = [Point(number, [number, 1, 0, 0], "document", "ru") for number in range(1, 301)]
    await each_index.upsert(town, many)
    assert await each_index.count(town) == 300
    assert len(await found(each_index, town)) == 10


async def test_thrown_away_and_filled_again(filled: VectorIndex, town: Collection) -> None:
    await filled.discard(town)
    await filled.discard(town)
    await filled.prepare(town)
    assert await filled.count(town) == 0
    await filled.upsert(town, [NOTE])
    assert await found(filled, town) == [4]
