"""A slip of the finger does not hide what was meant, and is told."""

import pytest
from tests.features.search.town import find, put_texts, search

from kunak.features.search.misspell import is_near, list_meanings, other_layout
from kunak.foundation.db.engine import Sessions

TEXTS = [
    "Пекарня Боба на Садовой печёт лаваши с семи утра.",
    "Автобус номер 14 ходит от вокзала до рынка.",
    "The library lends books for three weeks.",
    "Университет объявил набор на подготовительные курсы.",
]


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    await put_texts(sessions, TEXTS)
    return sessions


@pytest.mark.parametrize(
    ("question", "meant", "found"),
    [
        ("где тут пекраня", "пекарня", "doc-1"),
        ("лавоши на завтрак", "лаваши", "doc-1"),
        ("афтобус", "автобус", "doc-2"),
        ("автобусс", "автобус", "doc-2"),
        ("втобус", "автобус", "doc-2"),
        ("when is the libary open", "library", "doc-3"),
        ("унивирсетет", "университет", "doc-4"),
        ("ghbdtn fdnj,ec", "автобус", "doc-2"),
        ("дшикфкн", "library", "doc-3"),
    ],
)
async def test_a_misspelt_question_finds_and_says_what_was_meant(
    town: Sessions, question: str, meant: str, found: str
) -> None:
    result = await search(town, question)
    assert result.hits[0].reference == found
    assert any(each.meant.startswith(meant[:7]) for each in result.corrected)


async def test_a_word_that_is_known_is_not_corrected(town: Sessions) -> None:
    assert (await search(town, "автобус до рынка")).corrected == ()


async def test_a_new_word_is_not_taken_for_a_slip(town: Sessions) -> None:
    await put_texts(town, [*TEXTS, "Рыбка плывёт к берегу.", *["Рынок открыт."] * 50])
    found = await search(town, "рыбка")
    assert (found.hits[0].text, found.corrected) == ("Рыбка плывёт к берегу.", ())


@pytest.mark.parametrize("question", ["парагвай", "xyzzy", "ъъъъъъъъ", "ааааааааааааааааааааааааааааааааааа"])
async def test_what_nothing_resembles_finds_nothing(town: Sessions, question: str) -> None:
    found = await search(town, question)
    assert (found.hits, found.corrected) == ((), ())


async def test_the_word_that_fits_the_rest_wins_over_the_commoner_one(sessions: Sessions) -> None:
    await put_texts(sessions, [*["Кошка спит дома."] * 20, "Крошка хлеба для голубей на площади."])
    result = await search(sessions, "крошк хлеба голубям")
    assert result.hits[0].text.startswith("Крошка")
    assert await find(sessions, "коршка хлеба голубям", limit=1) == ["doc-21"]


def test_meanings_are_the_words_one_slip_away() -> None:
    meanings = list_meanings("пекраня")
    assert meanings["пекарня"] == max(meanings.values())
    assert meanings["пекрашя"] < meanings["пекарня"]
    assert "пекраня" not in meanings
    assert list_meanings("лес") == list_meanings("мp3плеер") == {}


@pytest.mark.parametrize(
    ("one", "other", "near"), [("рынок", "рыонк", True), ("кот", "окно", False), ("а", "абв", True)]
)
def test_two_slips_are_near(one: str, other: str, *, near: bool) -> None:
    assert is_near(one, other) is near


@pytest.mark.parametrize(
    ("typed", "meant"), [("ghbdtn", "привет"), ("[jhjij", "хорошо"), ("руддщ", "hello"), ("C++", None)]
)
def test_the_other_keyboard(typed: str, meant: str | None) -> None:
    assert other_layout(typed) == meant
