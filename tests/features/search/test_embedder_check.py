"""An embedder has a say only where it proved helpful: questions made from the corpus itself tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.features.search.meanings import Vector, embed
from tests.features.search.town import entry, put

from kunak.features.messaging.service import list_alerts
from kunak.features.search import service
from kunak.features.search.jobs import SearchJobs
from kunak.features.search.schemas import EmbedderCheck, EmbedEntries, Equipment, Found
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import FatalError, KunakError, RetryableError
from kunak.foundation.jobs.queue import install_queue
from kunak.integrations.embeddings.hashing import random_vector, stem_vector

SIZE = 256
STREETS = ("Садовой", "Лесной", "Речной", "Школьной", "Полевой", "Горной", "Озёрной", "Заводской")
GOODS = ("яблоки", "сметану", "валенки", "самовары", "книги", "лодки", "гвозди", "матрёшки")
SHOPS = ("Лавка", "Палатка", "Мастерская", "Ярмарка", "Контора", "Пекарня", "Кузница", "Аптека")


@dataclass
class Hashing:
    """Texts with the same stems are near; or nothing means anything."""

    is_random: bool = False
    breaks_after: int = 10**9
    asked: int = 0

    @property
    def model(self) -> str:
        return "random" if self.is_random else "hashing"

    async def embed_query(self, text: str) -> Vector:
        self.asked += 1
        if self.asked > self.breaks_after:
            raise RetryableError("The embedder is away.")
        numbers = (random_vector if self.is_random else stem_vector)(text, SIZE)
        length = hypot(*numbers)
        return [each / length for each in numbers]

    async def vector_of(self, text: str) -> Vector | None:
        return await self.embed_query(text)

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        return [await self.embed_query(text) for text in texts]

    async def close(self) -> None:
        pass


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    await put(sessions, [entry(number, _words(number)) for number in range(1, 151)])
    return sessions


def _words(number: int) -> str:
    street, goods, shop = STREETS[number % 8], GOODS[number // 8 % 8], SHOPS[number // 19 % 8]
    return f"{shop} на {street} улице дом {number + 10} продаёт дешёвые {goods} соседям каждую субботу до обеда."


async def check(sessions: Sessions, embedder: Hashing) -> EmbedderCheck:
    await embed(sessions, embedder)
    (checked,) = await service.check_embedder(sessions, embedder)
    return checked


async def search(sessions: Sessions, embedder: Hashing) -> Found:
    async with sessions() as session:
        return await service.search(session, "самовары на Речной", equipment=Equipment(embedder))


async def test_vectors_that_know_the_language_have_a_say(town: Sessions) -> None:
    checked = await check(town, Hashing())
    assert checked.is_helpful
    assert checked.vector_ndcg > 0.25 * checked.lexical_ndcg
    assert (await search(town, Hashing())).by_meaning


async def test_vectors_of_nothing_have_none_and_do_little_harm_where_they_are_forced(town: Sessions) -> None:
    checked = await check(town, Hashing(is_random=True))
    assert not checked.is_helpful
    assert checked.hybrid_ndcg > checked.lexical_ndcg - 0.03
    assert not (await search(town, Hashing(is_random=True))).by_meaning


async def test_too_little_to_ask_about_proves_nothing(sessions: Sessions) -> None:
    await put(sessions, [entry(number, _words(number)) for number in range(1, 6)])
    await embed(sessions, Hashing())
    assert await service.check_embedder(sessions, Hashing()) == []
    assert not (await search(sessions, Hashing())).by_meaning


async def test_the_check_of_another_model_says_nothing_of_the_present_one(town: Sessions) -> None:
    await check(town, Hashing())
    await embed(town, Hashing(is_random=True))
    assert await service.check_embedder(town, Hashing()) == []


async def test_the_job_makes_checks_and_then_waits_until_there_is_twice_as_much(
    town: Sessions, engine: AsyncEngine
) -> None:
    await install_queue(engine)
    embedder = Hashing()
    job = SearchJobs(town, engine, embedder, service.VectorIndexOptions())
    await job.embed_entries(EmbedEntries())
    assert (await search(town, embedder)).by_meaning
    asked = embedder.asked
    await job.embed_entries(EmbedEntries())
    assert embedder.asked == asked


@pytest.mark.parametrize(("error", "alerts"), [(RetryableError("Away."), 0), (FatalError("The key is refused."), 1)])
async def test_an_embedder_that_fails_piles_nothing_up_and_a_refused_key_is_told_once(
    town: Sessions, engine: AsyncEngine, error: KunakError, alerts: int
) -> None:
    class Refusing(Hashing):
        async def embed_query(self, text: str) -> Vector:
            self.asked += len(text)
            raise error

    await install_queue(engine)
    job = SearchJobs(town, engine, Refusing(), service.VectorIndexOptions())
    for _ in range(3):
        await job.embed_entries(EmbedEntries())
    async with town() as session:
        told = await list_alerts(session, limit=10)
    assert len(told) == alerts
    assert all("The key is refused." in each.text for each in told)


async def test_a_check_that_breaks_off_decides_nothing(town: Sessions) -> None:
    embedder = Hashing()
    await embed(town, embedder)
    embedder.breaks_after = embedder.asked + 5
    with pytest.raises(RetryableError):
        await service.check_embedder(town, embedder)
    async with town() as session:
        state = await service.get_vector_state(session)
    assert state is not None
    assert state.checks == ()
