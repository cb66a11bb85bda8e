"""A story is shown once, and names who else tells it."""

from datetime import UTC, datetime, timedelta

from tests.features.search.town import entry, put

from kunak.features.search import service
from kunak.features.search.schemas import Answer, Filters, Found
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.words import words_in

NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)
BRIDGE = ["Мост через реку закрыт на ремонт до мая.", "Реку теперь не переехать: на мосту ремонт.", "Объезд моста."]


async def put_bridge(sessions: Sessions, *, story_id: int | None) -> None:
    await put(
        sessions,
        [
            entry(
                number,
                words,
                f"Канал {number}",
                source=f"s{number}",
                url=f"https://t.me/s/{number}",
                published_at=NOW - timedelta(days=4 - number),
                story_id=story_id,
            )
            for number, words in enumerate(BRIDGE, start=1)
        ],
    )


async def ask(sessions: Sessions, question: str) -> Answer:
    async with sessions() as session:
        return await service.ask(session, question, now=NOW)


async def find(sessions: Sessions, question: str, filters: Filters | None = None) -> Found:
    async with sessions() as session:
        return await service.find(session, question, filters=filters, now=NOW)


async def test_a_linked_story_is_quoted_once_and_all_who_tell_it_are_named(sessions: Sessions) -> None:
    await put_bridge(sessions, story_id=5)
    [citation] = (await ask(sessions, "Мост закрыт на ремонт?")).citations
    assert citation.id == "doc-1"
    assert [(telling.id, telling.source) for telling in citation.also] == [("doc-2", "s2"), ("doc-3", "s3")]


async def test_entries_of_no_story_are_stories_of_their_own(sessions: Sessions) -> None:
    await put_bridge(sessions, story_id=None)
    citations = (await ask(sessions, "Ремонт моста через реку")).citations
    assert len(citations) > 1
    assert all(citation.also == () for citation in citations)


async def test_what_two_sources_word_alike_is_one_hit_that_names_both(sessions: Sessions) -> None:
    same = [entry(n, BRIDGE[0], f"Канал {n}", source=f"s{n}", url=f"https://t.me/s/{n}") for n in (1, 2)]
    await put(sessions, same)
    [hit] = (await find(sessions, "мост")).hits
    assert [telling.source for telling in hit.also] == ["s2" if hit.source == "s1" else "s1"]


async def test_a_plain_search_shows_a_story_once_and_keeps_its_filters(sessions: Sessions) -> None:
    await put_bridge(sessions, story_id=5)
    [hit] = (await find(sessions, "моста", Filters(sources=("s3",)))).hits
    assert hit.reference == "doc-3"
    assert [telling.id for telling in hit.also] == ["doc-1", "doc-2"]


async def test_the_other_sources_are_said(sessions: Sessions) -> None:
    await put_bridge(sessions, story_id=5)
    answer = await ask(sessions, "Мост закрыт на ремонт?")
    said = service.render_plain(answer, words_in(answer.language).gettext)
    assert "также: Канал 2 https://t.me/s/2; Канал 3 https://t.me/s/3" in said
    shown = service.render_json(answer, words_in(answer.language).gettext)
    assert [each["id"] for each in shown["citations"][0]["also"]] == ["doc-2", "doc-3"]


async def test_a_post_of_one_word_hides_nobody(sessions: Sessions) -> None:
    texts = ["Сочи", "Погода в Сочи на выходные: солнечно и ветрено, море прогрелось до двадцати градусов.", "\u200b"]
    await put(sessions, [entry(number, each, "Погода Сочи") for number, each in enumerate(texts, start=1)])
    async with sessions() as session:
        found = await service.find(session, "погода Сочи")
    assert {hit.thing_id for hit in found.hits} >= {1, 2}


async def test_a_period_in_the_question_narrows_it(sessions: Sessions) -> None:
    await put_bridge(sessions, story_id=None)
    answer = await ask(sessions, "Что с мостом было вчера, закрыт ли мост?")
    assert [citation.id for citation in answer.citations] == ["doc-3"]
    assert (answer.is_other_time, answer.period is not None) == (False, True)


async def test_when_the_period_holds_nothing_other_times_are_searched_and_that_is_said(sessions: Sessions) -> None:
    await put_bridge(sessions, story_id=None)
    answer = await ask(sessions, "Закрыт ли мост через реку на ремонт в январе?")
    assert answer.is_other_time
    assert answer.citations[0].id == "doc-1"
    said = service.render_plain(answer, words_in(answer.language).gettext)
    assert said.startswith("За это время (2026-01-01 – 2026-01-31) ничего не нашлось. Из другого времени:")
