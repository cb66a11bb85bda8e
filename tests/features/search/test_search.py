"""Passages are found by what they say, whatever the question looks like."""

from collections.abc import Iterable

import pytest
from sqlalchemy import text

from kunak.features.search import service
from kunak.features.search.schemas import Entry, Hit
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.detect import detect_language

BAKERY = "Пекарня Боба на Садовой печёт лаваш с семи утра и закрыта по понедельникам."
BUS = "Автобус номер 14 ходит от вокзала до рынка каждые двадцать минут."
LIBRARY = "The library lends books for three weeks; Alice keeps it open on Sundays."
PHONES = "Чарли чинит iPhone-15 и пишет на C++. Звонить: +7 (912) 345-67-89."


def entry(thing_id: int, words: str, title: str = "") -> Entry:
    return Entry(thing_id, f"doc-{thing_id}", title, words, detect_language(words))


async def put(sessions: Sessions, texts: Iterable[str]) -> None:
    async with sessions.begin() as session:
        await service.index(session, "document", [entry(number, words) for number, words in enumerate(texts, start=1)])
    async with sessions.begin() as session:
        await service.refresh_lexicon(session)


async def find(sessions: Sessions, question: str) -> list[Hit]:
    async with sessions() as session:
        return list((await service.search(session, question)).hits)


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    await put(sessions, [BAKERY, BUS, LIBRARY, PHONES])
    return sessions


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("когда пекут лаваши?", BAKERY),
        ("ПЕКАРНИ", BAKERY),
        ("печет", BAKERY),
        ("автобусы до вокзала", BUS),
        ("Is the libraries' lending free?", LIBRARY),
        ("айфон iPhone 15", PHONES),
        ("iphone15 или iPhone-15", PHONES),
        ("нужен c++", PHONES),
        ("89123456789", PHONES),
        ("+7 912 345 67 89", PHONES),
    ],
)
async def test_a_question_finds_its_passage_in_other_forms_of_the_words(
    town: Sessions, question: str, found: str
) -> None:
    assert (await find(town, question))[0].text == found


@pytest.mark.parametrize(
    "question",
    [
        "",
        " \n\t",
        "и на по не the of",
        "🙂🙃🎉",
        "\0",
        "'",
        '"',
        "\\",
        "\\'",
        "' | ''; DROP TABLE search_entries; --",
        "!-()&|:*<->",
        "a:* & !b | <2>",
        "%s %(question)s :question {} $1",
        "-лаваш --лаваш",
        "\udcff\ud800",
        "x" * 10_000,
        "лаваш " * 2_000,
        " ".join(f"слово{number}" for number in range(2_000)),
        "<b>&amp;</b> https://example.org/?a=1&b='2'",
    ],
)
async def test_no_question_is_an_error(town: Sessions, question: str) -> None:
    hits = await find(town, question)
    assert [hit for hit in hits if "лаваш" not in question or hit.text != BAKERY] == []


async def test_a_rare_word_weighs_more_than_common_ones(sessions: Sessions) -> None:
    common = [f"Большой рынок открыт в субботу, ряд {number}." for number in range(30)]
    await put(sessions, [*common, "Мельница за рекой."])
    assert (await find(sessions, "большой рынок и мельница"))[0].text == "Мельница за рекой."


async def test_a_word_of_the_title_counts_for_every_passage(sessions: Sessions) -> None:
    long = "\n\n".join(f"Абзац номер {number} говорит о другом. " * 10 for number in range(5))
    async with sessions.begin() as session:
        await service.index(session, "document", [entry(1, long, title="Устав библиотеки"), entry(2, BAKERY)])
    hits = await find(sessions, "устав")
    assert {hit.passage for hit in hits} == set(range(len(hits)))
    assert len(hits) > 1


async def test_a_passage_is_found_before_the_lexicon_knows_its_words(town: Sessions) -> None:
    async with town.begin() as session:
        await service.index(session, "document", [entry(9, "Дирижабль прилетает в полдень.")])
    assert (await find(town, "дирижабли над вокзалом"))[0].reference == "doc-9"


async def test_indexing_again_replaces_and_removing_forgets(town: Sessions) -> None:
    async with town.begin() as session:
        await service.index(session, "document", [entry(1, "Пекарня Боба закрыта.")])
        await service.remove(session, "document", [2])
    assert await find(town, "лаваш") == []
    assert await find(town, "автобус") == []
    assert len(await find(town, "пекарня")) == 1


async def test_only_what_was_committed_is_found(town: Sessions) -> None:
    async with town() as session:
        await service.index(session, "document", [entry(9, "Дирижабль")])
    assert await find(town, "дирижабль") == []


async def test_the_lexicon_is_counted_anew_only_when_the_index_has_changed(town: Sessions) -> None:
    async with town.begin() as session:
        assert not await service.refresh_lexicon(session)
        await service.remove(session, "document", [1])
        assert await service.refresh_lexicon(session)
        assert await session.scalar(text("SELECT count(*) FROM search_lexicon WHERE lexeme = 'лаваш'")) == 0
