"""A reranker puts what was found into a better order, if it is there and quick."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from tests.features.search.town import put_texts

from kunak.features.search import service
from kunak.features.search.schemas import Equipment, Found
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import FatalError, KunakError, RetryableError

MARKETS = [f"Рынок номер {number} открыт по субботам." for number in range(1, 8)]


@dataclass
class Judge:
    """Prefers what holds its favourite."""

    favourite: str = "номер 5"
    takes_s: float = 0.0
    fails_with: KunakError | None = None
    read: list[int] = field(default_factory=list)
    model: str = "judge"

    async def rerank(self, _: str, texts: Sequence[str]) -> list[float]:
        self.read.append(len(texts))
        if self.fails_with:
            raise self.fails_with
        await asyncio.sleep(self.takes_s)
        return [float(self.favourite in text) for text in texts]

    async def close(self) -> None:
        pass


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    await put_texts(sessions, MARKETS)
    return sessions


async def find(sessions: Sessions, equipment: Equipment, *, limit: int = 3) -> Found:
    async with sessions() as session:
        found = await service.search(session, "рынок", limit=limit, equipment=equipment)
        assert not session.in_transaction()  # it holds no connection while a model thinks
        return found


async def test_the_judge_reads_more_than_is_shown_and_its_order_stands(town: Sessions) -> None:
    judge = Judge()
    found = await find(town, Equipment(reranker=judge))
    assert "номер 5" in found.hits[0].text
    assert found.reranked
    assert judge.read == [7]
    assert len(found.hits) == 3
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)


@pytest.mark.parametrize(
    "judge", [Judge(takes_s=60), Judge(fails_with=RetryableError()), Judge(fails_with=FatalError())]
)
async def test_without_it_the_order_stands_as_it_is(town: Sessions, judge: Judge) -> None:
    plain = await find(town, Equipment())
    found = await find(town, Equipment(reranker=judge, rerank_within_s=0.05))
    assert [hit.text for hit in found.hits] == [hit.text for hit in plain.hits]
    assert not found.reranked
    assert found.is_makeshift


async def test_one_that_fails_again_and_again_is_left_alone(town: Sessions) -> None:
    judge = Judge(fails_with=RetryableError())
    equipment = Equipment(reranker=judge)
    for _ in range(8):
        await find(town, equipment)
    assert len(judge.read) == 3


async def test_nothing_found_is_nothing_to_read(town: Sessions) -> None:
    judge = Judge()
    async with town() as session:
        found = await service.search(session, "дирижабль", equipment=Equipment(reranker=judge))
    assert found.hits == ()
    assert judge.read == []
