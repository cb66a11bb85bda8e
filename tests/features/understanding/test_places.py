"""Places are known in every form, and words that only sound like them are not taken for places."""

import pytest

from kunak.features.understanding.filters.places import find_place
from kunak.features.understanding.schemas import Place
from kunak.features.understanding.tokens import fold


def place(text: str) -> Place | None:
    found = find_place(fold(text), text)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("новости нальчика", "Нальчик"),
        ("в Баксане", "Баксан"),
        ("из Минеральных Вод", "Минеральные Воды"),
        ("в Минводах", "Минеральные Воды"),
        ("в Ростове-на-Дону", "Ростов-на-Дону"),
        ("в Нижнем Новгороде", "Нижний Новгород"),
        ("из Санкт-Петербурга", "Санкт-Петербург"),
        ("в Питере", "Санкт-Петербург"),
        ("в Кабардино-Балкарии", "Кабардино-Балкария"),
        ("по КБР", "Кабардино-Балкария"),
        ("в северной осетии", "Северная Осетия"),
        ("в Ессентуках", "Ессентуки"),
        ("в Сочи", "Сочи"),
        ("из Чечни", "Чечня"),
        ("в Назрани", "Назрань"),
        ("рядом с Тырныаузом", "Тырныауз"),
        ("в Приэльбрусье", "Приэльбрусье"),
        ("в с. Заюково", "Заюково"),
        ("город Грозный", "Грозный"),
        ("в Прохладном", "Прохладный"),
        ("из Орла", "Орел"),
        ("в Ставропольском крае", "Ставропольский край"),
        ("in Moscow", "Moscow"),
        ("new york news", "New York"),
        ("near St. Petersburg", "Saint Petersburg"),
        ("in Turkey", "Turkey"),
    ],
)
def test_a_place_has_its_dictionary_name(text: str, name: str) -> None:
    found = place(text)
    assert found is not None
    assert found.name == name


def test_one_place_has_one_id_in_both_languages() -> None:
    assert [found.id for found in (place("в Нальчике"), place("to Nalchik")) if found] == ["nalchik", "nalchik"]


def test_the_words_are_kept_with_their_preposition() -> None:
    found = place("Сниму дом в г. Нальчик недорого")
    assert found is not None
    assert found.text == "в г. Нальчик"


@pytest.mark.parametrize(
    "text", ["грозный царь", "орел в небе", "майские праздники", "turkey recipe", "Владимир Путин", "привет", ""]
)
def test_other_words_are_no_places(text: str) -> None:
    assert place(text) is None
