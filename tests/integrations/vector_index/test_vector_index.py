"""What a vector index promises, whatever it stands on."""

import pytest
from tests.integrations.vector_index.cases import BIKE, CASES, FLAT, NEWS, NOTE

from kunak.integrations.vector_index.interface import NO_CONDITIONS, Collection, Conditions, Point, VectorIndex

# The client's own engine looks at every point, and says so when it is told how to do it faster.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
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
