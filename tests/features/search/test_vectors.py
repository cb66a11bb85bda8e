"""Passages are found by what they mean, where an embedder is there and has proved helpful."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.features.search.meanings import Meanings, Vector, axis, embed
from tests.features.search.town import entry, put, put_texts

from kunak.features.search import retrieve, service
from kunak.features.search.repository.changes import get_state
from kunak.features.search.schemas import Equipment, Filters, Found
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import FatalError, RetryableError, TerminalError

PENSION = "Выплаты пожилым людям поднимут в январе."
BAKERY = "Пекарня Боба печёт лаваш с семи утра."
MARKET = "Рынок на Садовой закрыт на ремонт до весны."
TOWN = {"Выплаты": 0, "пенси": 0, "Пекарня": 1, "хлеб": 1, "Рынок": 2}


@pytest.fixture
def embedder() -> Meanings:
    return Meanings(TOWN)


@pytest.fixture
async def town(sessions: Sessions, embedder: Meanings) -> Sessions:
    await put_texts(sessions, [PENSION, BAKERY, MARKET])
    await embed(sessions, embedder)
    return sessions


async def find(sessions: Sessions, question: str, embedder: Meanings, filters: Filters | None = None) -> Found:
    equipment = Equipment(embedder, unchecked=True)
    async with sessions() as session:
        return await service.search(session, question, filters=filters or Filters(), equipment=equipment)


async def count(sessions: Sessions, table: str) -> int:
    async with sessions() as session:
        counted = await session.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608  a name of ours
        return int(counted.scalar_one())


async def test_a_passage_without_a_word_of_the_question_is_found_by_its_meaning(
    town: Sessions, embedder: Meanings
) -> None:
    found = await find(town, "повышение пенсий", embedder)
    assert found.hits[0].text == PENSION
    assert found.by_meaning
    assert found.hits[0].coverage == 0


async def test_words_outweigh_meaning(town: Sessions, embedder: Meanings) -> None:
    assert (await find(town, "пенсия рынок садовая ремонт", embedder)).hits[0].text == MARKET


async def test_vectors_that_proved_nothing_have_no_say(town: Sessions, embedder: Meanings) -> None:
    async with town() as session:
        found = await service.search(session, "повышение пенсий", equipment=Equipment(embedder))
    assert found.hits == ()
    assert not found.by_meaning


async def test_without_the_embedder_search_goes_on_by_words(town: Sessions, embedder: Meanings) -> None:
    embedder.is_away = True
    assert [hit.text for hit in (await find(town, "лаваш", embedder)).hits] == [BAKERY]


async def test_vectors_of_another_model_mean_nothing(town: Sessions, embedder: Meanings) -> None:
    assert not (await find(town, "повышение пенсий", replace(embedder, model="newer"))).by_meaning


async def test_a_vector_of_the_wrong_length_is_left_out(town: Sessions, embedder: Meanings) -> None:
    assert [hit.text for hit in (await find(town, "лаваш", replace(embedder, size=3))).hits] == [BAKERY]


async def test_operators_hold_for_what_is_near_too(town: Sessions, embedder: Meanings) -> None:
    assert PENSION not in [hit.text for hit in (await find(town, "пенсии -январь", embedder)).hits]
    assert [hit.text for hit in (await find(town, 'пенсии "с семи утра"', embedder)).hits] == [BAKERY]


@pytest.mark.parametrize("question", ["", "и в на", "🎉🎉", "-пенсии"])
async def test_what_is_no_question_finds_nothing_by_meaning_either(
    town: Sessions, embedder: Meanings, question: str
) -> None:
    assert (await find(town, question, embedder)).hits == ()


async def test_a_filter_holds_for_what_is_near(sessions: Sessions, embedder: Meanings) -> None:
    texts = {number: f"Рынок номер {number} открыт." for number in range(1, 40)}
    await put(
        sessions, [entry(number, each, place="Вышгород" if number == 7 else "Рощино") for number, each in texts.items()]
    )
    await embed(sessions, embedder)
    found = await find(sessions, "хлеб Рынок", embedder, Filters(places=("вышгород",)))
    assert [hit.thing_id for hit in found.hits] == [7]


async def test_what_changes_waits_for_a_new_vector_and_what_does_not_keeps_its_own(
    town: Sessions, embedder: Meanings
) -> None:
    await put(town, [entry(1, PENSION), entry(2, "Пекарня Боба закрыта.")])
    assert await count(town, "search_awaited_vectors") == 1
    embedder.asked.clear()
    assert await embed(town, embedder) == 1
    assert embedder.asked == [["Пекарня Боба закрыта."]]
    assert await count(town, "search_vectors") == 3


async def test_what_goes_takes_its_vector_along(town: Sessions) -> None:
    async with town.begin() as session:
        await service.remove(session, "document", [1, 2])
    assert await count(town, "search_vectors") == 1


async def test_a_long_text_that_gets_shorter_leaves_no_passages_behind(sessions: Sessions, embedder: Meanings) -> None:
    await put(sessions, [entry(1, "Рынок открыт. " * 400)])
    assert await count(sessions, "search_entries") > 1
    await put(sessions, [entry(1, MARKET)])
    assert await count(sessions, "search_entries") == 1


async def test_a_breakdown_in_the_middle_keeps_what_was_made(sessions: Sessions) -> None:
    class Tired(Meanings):
        async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
            if self.asked:
                raise RetryableError("Enough for today.")
            return await super().embed_passages(texts)

    await put_texts(sessions, [f"Рынок номер {number}." for number in range(300)])
    tired = Tired(TOWN)
    with pytest.raises(RetryableError):
        await embed(sessions, tired)
    kept = await count(sessions, "search_vectors")
    fresh = Meanings(TOWN)
    assert await embed(sessions, fresh) == 300 - kept
    assert await count(sessions, "search_vectors") == 300


async def test_a_text_that_the_embedder_cannot_take_is_no_hindrance(sessions: Sessions, embedder: Meanings) -> None:
    await put_texts(sessions, [PENSION, BAKERY, MARKET])
    embedder.cannot_take = "лаваш"
    assert await embed(sessions, embedder) == 2
    assert await count(sessions, "search_awaited_vectors") == 0
    assert (await find(sessions, "лаваш", embedder)).hits[0].text == BAKERY


async def test_an_embedder_that_takes_nothing_at_all_leaves_everything_waiting(
    sessions: Sessions, embedder: Meanings
) -> None:
    class Closed(Meanings):
        async def embed_query(self, text: str) -> Vector:
            if self.asked:
                raise TerminalError("This is no embedder.")
            return await super().embed_query(text)

    await put_texts(sessions, [PENSION, BAKERY, MARKET])
    with pytest.raises(TerminalError):
        await embed(sessions, Closed(TOWN))
    assert await count(sessions, "search_awaited_vectors") == 3
    assert await embed(sessions, Meanings(TOWN)) == 3


async def test_vectors_of_another_length_than_before_are_not_kept(town: Sessions, embedder: Meanings) -> None:
    await put_texts(town, [PENSION + " Так решили."])
    with pytest.raises(FatalError):
        await embed(town, replace(embedder, size=3))
    assert await count(town, "search_awaited_vectors") == 1


async def test_to_have_no_embedder_changes_nothing(sessions: Sessions) -> None:
    await put_texts(sessions, [PENSION])
    async with sessions() as session:
        before = await get_state(session)
    async with sessions.begin() as session:
        await service.stop_embedding(session)
    async with sessions() as session:
        assert await get_state(session) == before


async def test_another_model_starts_anew_and_the_first_one_comes_back_for_nothing(
    town: Sessions, embedder: Meanings
) -> None:
    assert await embed(town, Meanings(TOWN, model="newer")) == 3
    assert await embed(town, embedder) == 0
    async with town() as session:
        state = await service.get_vector_state(session)
    assert state is not None
    assert (state.name, state.vectors, state.awaited) == ("meanings", 3, 0)


async def test_vectors_of_a_former_model_can_be_forgotten(town: Sessions, embedder: Meanings) -> None:
    await embed(town, Meanings(TOWN, model="newer"))
    async with town.begin() as session:
        assert await service.forget_former_models(session) == ["meanings"]
    assert await count(town, "search_vectors") == 3
    assert await embed(town, embedder) == 3


async def test_without_an_embedder_nothing_waits_any_more(town: Sessions) -> None:
    async with town.begin() as session:
        await service.stop_embedding(session)
    await put_texts(town, [PENSION + " Так решили."])
    assert await count(town, "search_awaited_vectors") == 0


@pytest.mark.parametrize("kind", ["hnsw", "ivfflat"])
async def test_many_vectors_get_an_index_that_finds_the_same(
    sessions: Sessions, engine: AsyncEngine, embedder: Meanings, kind: str
) -> None:
    await put_texts(sessions, [f"Рынок номер {number}." for number in range(200)] + [PENSION])
    await embed(sessions, embedder)
    options = service.VectorIndexOptions(kind, from_vectors=100)  # type: ignore[arg-type]  # one of the two
    assert await service.keep_vector_index(engine, options)
    assert not await service.keep_vector_index(engine, options)
    async with sessions() as session:
        state = await service.get_vector_state(session)
    assert state is not None
    assert state.index == kind
    assert (await find(sessions, "повышение пенсий", embedder)).hits[0].text == PENSION


def test_the_axes_are_of_length_one() -> None:
    assert sum(each**2 for each in axis(3, tilt=0.5)) == pytest.approx(1)


async def analyze(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


async def nearest(sessions: Sessions, question: str, embedder: Meanings, filters: Filters | None = None) -> list[int]:
    async with sessions() as session:
        near = await service.list_nearest(
            session, question, filters=filters or Filters(), equipment=Equipment(embedder, unchecked=True)
        )
    return [key.thing_id for key, _ in near]


async def test_by_meaning_alone_the_nearest_come_first(town: Sessions, embedder: Meanings) -> None:
    assert (await nearest(town, "повышение пенсий", embedder))[0] == 1
    assert (await nearest(town, "хлеб", embedder))[0] == 2
    assert await nearest(town, "хлеб", replace(embedder, model="newer")) == []
    assert await nearest(town, "хлеб", embedder, Filters(places=("Рощино",))) == []


@pytest.mark.parametrize("few", [0, 1_000], ids=["with the index", "one by one"])
async def test_a_filter_that_few_pass_leaves_out_none_of_them(
    sessions: Sessions, engine: AsyncEngine, embedder: Meanings, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieve, "_FEW", few)
    monkeypatch.setattr(retrieve, "_FEW_VECTORS", 0)
    shops = [entry(number, f"Рынок номер {number}.", price=number) for number in range(300)]
    bakeries = [entry(number, f"Пекарня номер {number}.", price=number) for number in range(300, 500)]
    await put(sessions, shops + bakeries)
    await embed(sessions, embedder)
    assert await service.keep_vector_index(engine, service.VectorIndexOptions(from_vectors=100))
    await analyze(engine)
    assert sorted(await nearest(sessions, "хлеб", embedder, Filters(price_to=9))) == list(range(10))


async def test_looking_on_shows_how_many_still_wait(sessions: Sessions, embedder: Meanings) -> None:
    await put_texts(sessions, [f"Рынок номер {number}." for number in range(300)])
    told: list[tuple[int, int]] = []
    await service.embed_awaited(sessions, embedder, report=lambda made, awaited: told.append((made, awaited)))
    assert [sum(each) for each in told] == [300] * len(told)
    assert told[-1] == (300, 0)
