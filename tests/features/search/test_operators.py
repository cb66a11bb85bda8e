"""Quotation marks and minus mean what people expect; odd spellings are one."""

from dataclasses import replace

import pytest
from tests.features.search.town import entry, find, put, put_texts

from kunak.features.search.query import Query, read_query
from kunak.foundation.db.engine import Sessions


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ('Ладога "белые ночи" -отель', Query(("Ладога", '"белые', 'ночи"'), ("белые ночи",), ("отель",))),
        ("«Старый мост» -«новый мост»", Query(("«Старый", "мост»"), ("Старый мост",), ("новый мост",))),
        ("мороз -5 градусов", Query(("мороз", "-5", "градусов"))),
        ("юго-западный ветер - сильный", Query(("юго-западный", "ветер", "-", "сильный"))),
        ('одна " кавычка', Query(("одна", '"', "кавычка"))),
        ("", Query(())),
    ],
)
def test_a_question_is_taken_apart(question: str, read: Query) -> None:
    assert replace(read_query(question), meant="") == read


def test_what_is_meant_is_the_question_without_its_operators() -> None:
    assert read_query('Ладога  "белые ночи" -отель -"белый дом"').meant == 'Ладога "белые ночи"'


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    await put_texts(
        sessions,
        [
            "Белые ночи начинаются в июне.",
            "Ночи в горах холодные, а снега белые.",
            "Отель у моря, белые ночи до утра.",
            "Лифт в доме не работает.",
            "Лифт в доме работает.",
        ],
    )
    return sessions


async def test_a_phrase_must_stand_as_it_is(town: Sessions) -> None:
    assert sorted(await find(town, '"белые ночи"')) == ["doc-1", "doc-3"]
    assert sorted(await find(town, "белая ночь")) == ["doc-1", "doc-2", "doc-3"]


async def test_a_phrase_that_nobody_wrote_is_searched_as_words(town: Sessions) -> None:
    assert "doc-2" in await find(town, "«холодные белые ночи»")


async def test_what_is_excluded_is_not_found(town: Sessions) -> None:
    assert await find(town, '"белые ночи" -отель') == ["doc-1"]
    assert await find(town, "отель -«белые ночи»") == []
    assert await find(town, "-отель") == []


async def test_not_working_is_not_working(town: Sessions) -> None:
    assert (await find(town, "лифт не работает"))[0] == "doc-4"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("айфон iphone15", "Чарли чинит iPhone-15."),
        ("covid19", "Прививки от COVID-19 по вторникам."),
        ("ковид COVID 19", "Прививки от COVID-19 по вторникам."),
        ("с#", "Нужен программист на C#."),
        ("квартира 25000", "Сдам квартиру за 25 000 в месяц."),
        ("квартира 25 000", "Сдам квартиру за 25000 в месяц."),
        ("cалон крacоты", "Салон красоты «Кавказ»."),
        ("салон красоты", "Cалoн крaсоты «Кавказ»."),
        ("зеленый чай", "Зелёный чай из Мацесты."),
        ("8 (800) 555-35-35", "Звоните: +7 800 555 35 35."),
        ("wi-fi", "Есть Wi-Fi и стоянка."),
        ("артикул 4601234-05", "Артикул 4601234-05, фильтр."),
    ],
)
async def test_one_thing_in_two_spellings(sessions: Sessions, question: str, text: str) -> None:
    await put_texts(sessions, ["Совсем о другом.", "И ещё о третьем.", text])
    assert (await find(sessions, question))[0] == "doc-3"


async def test_a_title_weighs_more_than_a_text(sessions: Sessions) -> None:
    filler = "Здесь написано многое о разных делах города, и мост упомянут один раз."
    await put(sessions, [entry(1, filler), entry(2, filler.replace("мост", "пруд"), title="Мост")])
    assert await find(sessions, "мост") == ["doc-2", "doc-1"]
