"""Questions that nothing was found for are kept, counted, and let go when they have found an answer."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker
from tests.features.search.town import put_texts

from kunak.features.search import service
from kunak.features.search.repository import gaps as repository
from kunak.features.search.schemas import Answer, Gap, Mode
from kunak.foundation.db.engine import Sessions, create_engine
from kunak.foundation.language.languages import Language

NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    await put_texts(sessions, ["Рынок открыт до шести.", "Мост закрыт до мая."])
    return sessions


async def ask(sessions: Sessions, question: str) -> Answer:
    return await service.answer_question(sessions, question, now=NOW)


async def gaps(sessions: Sessions, *, with_resolved: bool = False) -> Sequence[Gap]:
    async with sessions() as session:
        return await service.list_gaps(session, limit=100, with_resolved=with_resolved)


async def test_a_question_asked_twice_is_one_gap(town: Sessions) -> None:
    for question in ("Когда улетает дирижабль?", "когда улетает  ДИРИЖАБЛЬ", "When does the airship leave?"):
        assert (await ask(town, question)).mode is Mode.NOTHING
    russian, english = await gaps(town)
    assert (russian.question, russian.times, russian.language) == ("Когда улетает дирижабль?", 2, "ru")
    assert (english.times, english.language) == (1, "en")


async def test_a_gap_is_resolved_by_an_answer_and_opened_by_the_lack_of_one(town: Sessions) -> None:
    await ask(town, "Когда улетает дирижабль?")
    await put_texts(town, ["Дирижабль улетает в полдень, когда звонит колокол."])
    assert (await ask(town, "Когда улетает дирижабль?")).citations
    assert await gaps(town) == []
    [resolved] = await gaps(town, with_resolved=True)
    assert resolved.resolved_at is not None
    async with town.begin() as session:
        await service.remove(session, "document", [1])
    await ask(town, "Когда улетает дирижабль?")
    assert [(gap.times, gap.resolved_at) for gap in await gaps(town)] == [(2, None)]


@pytest.mark.parametrize(
    "text", ["Привет!", "спасибо большое", "", "🙂", "\0", "12345", "щщщщ", "Что нового 3 января?"]
)
async def test_small_talk_noise_and_quiet_days_are_no_gaps(town: Sessions, text: str) -> None:
    await ask(town, text)
    assert await gaps(town) == []


async def test_nothing_to_read_is_no_gap(sessions: Sessions) -> None:
    await ask(sessions, "Когда улетает дирижабль?")
    assert await gaps(sessions) == []


async def test_long_questions_are_cut_and_addresses_of_people_left_out(town: Sessions) -> None:
    await ask(
        town, "Кто потерял дирижабль? Звоните +7 928 123-45-67, @ivanov или ivan@example.org. " + "дирижабль " * 900
    )
    [gap] = await gaps(town)
    assert len(gap.question) <= 300
    assert not any(each in gap.question for each in ("928", "ivan"))


async def test_a_flood_of_questions_leaves_those_that_are_asked_often(town: Sessions) -> None:
    async with town.begin() as session:
        for _ in range(3):
            await repository.keep_gap(session, "дирижабль", "Дирижабль?", Language.RUSSIAN)
        for number in range(40):
            await repository.keep_gap(session, f"шум {number}", "Шум?", Language.RUSSIAN, most=10, pruned_every=1)
    kept = await gaps(town)
    assert len(kept) == 10
    assert kept[0].question == "Дирижабль?"


async def test_an_answer_is_given_though_its_gap_cannot_be_kept(town: Sessions) -> None:
    nowhere = create_engine("postgresql://nobody@127.0.0.1:1/nothing")
    answer = await ask(town, "Когда улетает дирижабль?")
    await service.keep_or_resolve(async_sessionmaker(nowhere), "Когда улетает дирижабль?", answer, NOW)
    await nowhere.dispose()
