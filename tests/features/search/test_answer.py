"""An answer quotes what fits, once, word for word; and says so when nothing fits."""

import pytest

from kunak.features.search import service
from kunak.features.search.schemas import Answer, Entry, Mode
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language
from kunak.foundation.language.words import words_in

MARKET = (
    "Рынок стоит на площади с 1890 года. Его построил купец Арсений Дадиани по чертежам из Тифлиса. "
    "Сегодня там продают сыр, мёд и орехи. Каждую субботу приезжают гончары из соседних сёл. "
    "Зимой ряды закрыты, и торговля идёт под навесом у реки."
)
BRIDGE = "Мост через реку закрыт на ремонт до мая. Объезд идёт через старый брод."
BRIDGE_AGAIN = "⚡️ Мост через реку закрыт на ремонт до мая! Объезд идёт через старый брод. Подписаться"
FILLER = [f"Объявление {number}: продаётся стол, стул и шкаф." for number in range(20)]


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    texts = [MARKET, BRIDGE, BRIDGE_AGAIN, "The ferry leaves at noon from the old pier.", *FILLER]
    entries = [
        Entry(number, f"doc-{number}", "Вестник", words, Language.RUSSIAN, url=f"https://example.org/{number}")
        for number, words in enumerate(texts, start=1)
    ]
    async with sessions.begin() as session:
        await service.index(session, "document", entries)
        await service.refresh_lexicon(session)
    return sessions


async def ask(sessions: Sessions, question: str) -> Answer:
    async with sessions() as session:
        return await service.ask(session, question)


async def test_the_sentence_that_answers_is_quoted_with_its_source(town: Sessions) -> None:
    answer = await ask(town, "Кто построил рынок?")
    [citation] = answer.citations
    assert (citation.number, citation.id, citation.url) == (1, "doc-1", "https://example.org/1")
    assert "купец Арсений Дадиани" in citation.quote
    assert citation.quote in MARKET
    assert "гончары" not in citation.quote
    assert answer.mode is Mode.LEXICAL


async def test_the_same_news_of_two_channels_is_quoted_once(town: Sessions) -> None:
    assert len((await ask(town, "До какого месяца закрыт мост?")).citations) == 1


async def test_nothing_is_quoted_for_one_word_out_of_many(town: Sessions) -> None:
    answer = await ask(town, "Какая столица у Парагвая, сколько там жителей и есть ли стол в президентском дворце?")
    assert (answer.citations, answer.mode) == ((), Mode.NOTHING)


@pytest.mark.parametrize("question", ["", "и в на", "🙂", "\0", "'; --", "щ" * 10_000])
async def test_an_empty_question_gets_an_honest_answer(town: Sessions, question: str) -> None:
    assert (await ask(town, question)).mode is Mode.NOTHING


async def test_the_frame_speaks_the_language_of_the_question(town: Sessions) -> None:
    english, russian = await ask(town, "When does the ferry leave?"), await ask(town, "Кто построил рынок?")
    assert (english.language, russian.language) == (Language.ENGLISH, Language.RUSSIAN)
    assert service.render_plain(english, words_in(english.language).gettext).startswith("Here is what I found:")
    assert service.render_plain(russian, words_in(russian.language).gettext).startswith("Вот что нашлось:")


async def test_programs_get_the_same_as_json(town: Sessions) -> None:
    answer = await ask(town, "When does the ferry leave?")
    shown = service.render_json(answer, words_in(answer.language).gettext)
    assert shown["mode"] == "lexical"
    assert shown["citations"] == [
        {
            "number": 1,
            "headline": "",
            "quote": "The ferry leaves at noon from the old pier.",
            "id": "doc-4",
            "title": "Вестник",
            "url": "https://example.org/4",
            "published_at": None,
            "source": None,
            "also": [],
        }
    ]
    assert shown["citations"][0]["quote"] in shown["answer"]


async def test_a_sentence_without_end_is_cut_with_an_ellipsis(sessions: Sessions) -> None:
    endless = "маяк " + "и ещё одно слово " * 55
    async with sessions.begin() as session:
        await service.index(session, "document", [Entry(1, "doc-1", "", endless, Language.RUSSIAN)])
    [citation] = (await ask(sessions, "маяк")).citations
    assert citation.quote.endswith("…")
    assert citation.quote.removesuffix("…") in endless
    assert len(citation.quote) < 700


async def test_in_a_small_corpus_one_unknown_word_does_not_sink_a_question(sessions: Sessions) -> None:
    texts = ["Мост через реку закрыт до пятницы.", "Мост отремонтируют весной.", "Мост украсили флагами."]
    async with sessions.begin() as session:
        entries = [Entry(number, str(number), "", text, Language.RUSSIAN) for number, text in enumerate(texts)]
        await service.index(session, "document", entries)
        await service.refresh_lexicon(session)
        answer = await service.ask(session, "Когда откроют мост?")
    assert answer.citations
