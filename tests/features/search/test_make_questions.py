"""Questions are made from the corpus, without a model: found again by most searches, and not by every one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from tests.features.search.town import entry, put

from kunak.features.search import service as search
from kunak.features.search.make_questions.forms import list_forms
from kunak.features.search.make_questions.slips import slip
from kunak.features.search.make_questions.synonyms import list_synonyms
from kunak.features.search.misspell import is_near
from kunak.features.search.schemas import Entry, Filters, MadeQuestion, Way
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language
from kunak.processes.commands.import_documents import import_files

_STREETS = ("Садовой", "Лесной", "Речной", "Школьной", "Полевой", "Горной", "Озёрной", "Заводской")
_GOODS = ("яблоки", "сметану", "валенки", "самовары", "книги", "лодки", "гвозди", "матрёшки")


def post(number: int, source: str) -> Entry:
    street, goods = _STREETS[number % 8], _GOODS[number // 8 % 8]
    words = f"Магазин на {street} улице дом {number + 10} продаёт дешёвые {goods} всем соседям каждую субботу."
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
    return entry(number, words, published_at=at, source=source)


def english(number: int) -> Entry:
    return entry(
        number, f"The old market number {number} opens early, farmers sell cheese, honey and fresh apples there."
    )


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    loud = [post(number, "loud") for number in range(1, 61)]
    quiet = [post(number, "quiet") for number in range(61, 65)]
    await put(sessions, [*loud, *quiet, *map(english, range(65, 70))])
    return sessions


async def make(
    sessions: Sessions, *, count: int = 12, seed: int = 1, language: Language | None = None
) -> list[MadeQuestion]:
    async with sessions() as session:
        return await search.make_questions(session, count=count, seed=seed, language=language)


async def test_the_same_seed_makes_the_same_questions(town: Sessions) -> None:
    made = await make(town)
    assert made == await make(town)
    assert [each.text for each in made] != [each.text for each in await make(town, seed=2)]
    assert len({each.passage for each in made}) == len(made) == 12


async def test_every_way_has_its_share_and_a_number_is_asked_for(town: Sessions) -> None:
    made = await make(town, count=15, language=Language.RUSSIAN)
    ways = [each.way for each in made]
    assert {way: ways.count(way) for way in Way} == dict.fromkeys(Way, 3)
    asked = next(each for each in made if each.way is Way.NUMBER)
    assert asked.text.startswith("сколько ")
    assert asked.answer == str(asked.passage.thing_id + 10)
    assert asked.answer not in asked.text


async def test_a_quiet_source_and_a_rare_language_are_asked_about_too(town: Sessions) -> None:
    made = await make(town)
    assert {each.language for each in made} == {Language.RUSSIAN, Language.ENGLISH}
    assert any(61 <= each.passage.thing_id < 65 for each in made)
    in_english = await make(town, language=Language.ENGLISH)
    assert {each.passage.thing_id for each in in_english} <= set(range(65, 70))
    assert len(in_english) == 5


async def test_a_question_never_repeats_its_sentence(town: Sessions) -> None:
    made = await make(town, count=40)
    async with town() as session:
        for each in made:
            found = await search.search(session, each.text, filters=Filters(kinds=("document",)), limit=100)
            passage = next((hit.text for hit in found.hits if hit.thing_id == each.passage.thing_id), "")
            assert each.text not in passage


@pytest.mark.parametrize(
    "words", [[], ["Привет!"], ["https://example.org/a/b?c=d @alice #tag"], ["😀" * 50], ["и в на"]]
)
async def test_nothing_is_made_from_what_tells_nothing(sessions: Sessions, words: list[str]) -> None:
    await put(sessions, [entry(number, each) for number, each in enumerate(words, start=1)])
    assert await make(sessions) == []


@pytest.mark.shared
async def test_real_questions_are_neither_trivial_nor_hopeless(sessions: Sessions, shared_data: Path) -> None:
    channels = sorted((shared_data / "channels").glob("*.jsonl.gz"))[:4]
    await import_files(sessions, [shared_data / "xquad-ru" / "corpus.jsonl", *channels], report=lambda *_: None)
    made = await make(sessions, count=200)
    first = 0
    async with sessions() as session:
        for each in made:
            found = await search.search(session, each.text, limit=1)
            first += [hit.thing_id for hit in found.hits] == [each.passage.thing_id]
    assert len(made) == 200
    assert 0.6 < first / len(made) < 0.97


def test_words_take_other_endings_slip_and_have_synonyms() -> None:
    assert "базарам" in list_forms("Базары")
    assert "markets" in list_forms("market")
    assert (list_forms("Kaspersky"), list_forms("ус")) == ([], [])
    slips = {slip("рынок", Random(seed)) for seed in range(50)}  # noqa: S311  a test is to be repeated
    assert "рынок" not in slips
    assert all(is_near(each, "рынок") and each[0] == "р" for each in slips)
    assert list_synonyms()["врач"] == ("доктор", "медик")
