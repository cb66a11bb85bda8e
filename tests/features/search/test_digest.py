"""A digest tells what a period was about: each story once, what many tell first."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.features.search.town import entry, put

from kunak.features.search import service
from kunak.features.search.schemas import Answer, Digest, Entry, Mode
from kunak.foundation.db.engine import Sessions

NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)
DAM = [
    "Плотина у Зелёного озера дала трещину, вода подошла к посёлку Горный. Спасатели вывозят жителей автобусами.",
    "⚡️У Зелёного озера плотина дала трещину: вода подошла к посёлку Горный! Подписаться",
    "Вода подошла к посёлку Горный после того, как плотина у Зелёного озера дала трещину.",
]
FAIR = "Ярмарка мёда откроется на площади в субботу, приедут пасечники из четырёх районов и ансамбль «Терек»."
FERRY = "The ferry to the old pier stops running for repairs until the twentieth of May, the port says."


def told(thing_id: int, words: str, source: str, *, hours_ago: float, **more: object) -> Entry:
    when = NOW - timedelta(hours=hours_ago)
    url = f"https://t.me/{source}/{thing_id}"
    return entry(thing_id, words, f"Канал {source}", source=source, published_at=when, url=url, **more)


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    dam = [
        told(number, words, source, hours_ago=8 - number)
        for number, (words, source) in enumerate(zip(DAM, ("alice", "bob", "charlie"), strict=True), start=1)
    ]
    small = [
        told(10, FAIR, "alice", hours_ago=5),
        told(11, "Доброе утро!", "bob", hours_ago=4),
        told(12, "Розыгрыш! Подпишись и выиграй чайник, подробности и промокод по ссылке в шапке.", "bob", hours_ago=3),
        told(13, FERRY, "charlie", hours_ago=2),
        told(14, "Рыбаки нашли в реке старинный якорь и отдали его краеведческому музею.", "alice", hours_ago=24 * 5),
        told(15, "Завтра обещают пятьдесят солнечных дней подряд и тёплую воду.", "bob", hours_ago=-30),
    ]
    await put(sessions, [*dam, *small])
    return sessions


async def tell(sessions: Sessions, days: float = 1, **more: object) -> Digest:
    async with sessions() as session:
        return await service.digest(session, period_from=NOW - timedelta(days=days), period_before=NOW, **more)  # type: ignore[arg-type]  # by name


async def ask(sessions: Sessions, question: str, now: datetime = NOW) -> Answer:
    async with sessions() as session:
        return await service.ask(session, question, now=now)


async def test_what_three_channels_tell_comes_first_and_once(town: Sessions) -> None:
    first, *others = (await tell(town)).stories
    assert first.headline.startswith("Плотина у Зелёного озера дала трещину")
    assert [telling.source for telling in first.tellings] == ["alice", "bob", "charlie"]
    assert [telling.source for telling in first.also] == ["bob", "charlie"]
    assert not any("лотина" in story.headline for story in others)


async def test_a_greeting_and_an_advert_come_last(town: Sessions) -> None:
    headlines = [story.headline for story in (await tell(town)).stories]
    assert {headlines[1], headlines[2]} == {FAIR, FERRY}
    assert headlines[3].startswith(("Розыгрыш", "Доброе утро"))


async def test_linked_entries_are_one_story_however_they_are_worded(sessions: Sessions) -> None:
    texts = ["Мэр подал в отставку.", "Глава города покидает свой пост по собственному желанию.", "Рынок закрыт."]
    entries = [
        told(number, words, f"s{min(number, 2)}", hours_ago=number, story_id=7 if number < 3 else None)
        for number, words in enumerate(texts, start=1)
    ]
    await put(sessions, entries)
    first, second = (await tell(sessions)).stories
    assert [telling.source for telling in first.tellings] == ["s2", "s1"]
    assert second.headline == "Рынок закрыт."


async def test_entries_of_different_stories_stay_apart_however_alike(sessions: Sessions) -> None:
    await put(sessions, [told(n, DAM[0], f"s{n}", hours_ago=n, story_id=n) for n in (1, 2)])
    assert len((await tell(sessions)).stories) == 2


async def test_a_digest_is_read_page_by_page(town: Sessions) -> None:
    whole = await tell(town)
    first, second = await tell(town, limit=2), await tell(town, limit=2, offset=2)
    assert first.stories + second.stories == whole.stories[:4]
    assert [story.number for story in second.stories] == [3, 4]
    assert (first.has_more, (await tell(town, offset=50)).stories) == (True, ())


async def test_a_digest_may_be_about_something_or_of_some_sources(town: Sessions) -> None:
    assert [story.headline for story in (await tell(town, about="ярмарка")).stories] == [FAIR]
    assert [story.headline for story in (await tell(town, sources=["charlie"], about="ferry")).stories] == [FERRY]
    assert (await tell(town, about="дирижабль")).stories == ()


async def test_what_is_new_is_told_of_the_last_day(town: Sessions) -> None:
    answer = await ask(town, "Что нового?")
    assert (answer.mode, answer.citations[0].number) == (Mode.DIGEST, 1)
    assert answer.citations[0].headline.startswith("Плотина")
    assert [telling.source for telling in answer.citations[0].also] == ["bob", "charlie"]
    assert answer.period is not None
    assert answer.period.end - answer.period.start == timedelta(days=1)


async def test_after_a_quiet_day_it_is_of_the_week_and_after_a_quiet_year_of_the_last_week_there_was(
    town: Sessions,
) -> None:
    week = await ask(town, "What's new?", NOW + timedelta(hours=22))
    assert week.period is not None
    assert week.period.end - week.period.start == timedelta(days=7)
    year = await ask(town, "Что нового?", NOW + timedelta(days=400))
    assert year.period is not None
    assert year.period.end < NOW + timedelta(days=3)
    assert year.citations


async def test_what_happened_on_a_day_that_nobody_wrote_about(town: Sessions) -> None:
    answer = await ask(town, "Что произошло 3 мая?")
    assert (answer.mode, answer.citations) == (Mode.NOTHING, ())
    assert answer.period is not None
    assert answer.period.start.date().isoformat() == "2026-05-03"


async def test_where_nothing_came_for_long_the_latest_is_told_and_that_is_said(town: Sessions) -> None:
    answer = await ask(town, "Что нового за неделю?", NOW + timedelta(days=400))
    assert (answer.mode, answer.is_other_time) == (Mode.DIGEST, True)
    assert answer.citations[0].headline.startswith("Плотина") or len(answer.citations) > 1
    assert answer.period is not None
    assert answer.period.end < NOW + timedelta(days=3)


async def test_small_talk_is_not_looked_up(town: Sessions) -> None:
    assert (await ask(town, "Доброе утро!")).citations == ()


async def test_news_about_something_are_of_it_only(town: Sessions) -> None:
    answer = await ask(town, "Что нового про ярмарку за неделю?")
    assert [citation.headline for citation in answer.citations] == [FAIR]


async def test_what_is_dated_in_the_future_is_no_news(town: Sessions) -> None:
    for question in ("Что нового?", "Что нового за неделю?", "Новости на этой неделе"):
        answer = await ask(town, question)
        assert not any("солнечных" in citation.headline for citation in answer.citations)


async def test_a_place_narrows_where_entries_have_one_and_is_a_word_elsewhere(sessions: Sessions) -> None:
    await put(sessions, [told(1, "В Нальчике открыли новый парк с фонтаном.", "alice", hours_ago=3)])
    assert len((await ask(sessions, "Что нового в Нальчике?")).citations) == 1
    await put(sessions, [told(2, "Открыли библиотеку на улице Мира.", "bob", hours_ago=2, place="Нальчик")])
    [citation] = (await ask(sessions, "Что нового в Нальчике?")).citations
    assert citation.id == "doc-2"


@pytest.mark.parametrize("about", ["", "'; --", "\0", "🙂", "и в на", "щ" * 5000, '"незакрытая', "-"])
async def test_a_strange_subject_changes_nothing(sessions: Sessions, about: str) -> None:
    assert (await tell(sessions, about=about)).stories == ()


async def test_an_empty_index_has_no_news(sessions: Sessions) -> None:
    answer = await ask(sessions, "Что нового?")
    assert (answer.mode, answer.citations) == (Mode.NOTHING, ())
