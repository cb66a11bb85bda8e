"""Prices are found as people write them; years, telephones, sizes and models are none."""

import pytest

from kunak.features.understanding.filters.prices import find_price
from kunak.features.understanding.tokens import fold


def price(text: str) -> tuple[int | None, int | None, str] | None:
    found = find_price(fold(text), text)
    return (found.min, found.max, found.currency) if found else None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("до 25 тысяч", None, 25_000),
        ("от 10к до 15к", 10_000, 15_000),
        ("от 5 до 10 тысяч рублей", 5_000, 10_000),
        ("не дороже 3 млн", None, 3_000_000),
        ("дом до 5,5 млн", None, 5_500_000),
        ("20-25 тыс. руб.", 20_000, 25_000),
        ("в пределах 15-20 тысяч", 15_000, 20_000),
        ("1000-1500 руб", 1_000, 1_500),
        ("25000₽", 25_000, 25_000),
        ("25 000 руб.", 25_000, 25_000),
        ("25\u00a0000 ₽", 25_000, 25_000),
        ("квартира до 15000 в месяц", None, 15_000),
        ("зарплата от 50 тысяч", 50_000, None),
        ("зп 60000", 60_000, 60_000),
        ("15 т.р.", 15_000, 15_000),
        ("мультиварка 3 тыс", 3_000, 3_000),
        ("до 40 тыщ", None, 40_000),
        ("2 ляма", 2_000_000, 2_000_000),
        ("до ста тысяч", None, 100_000),
        ("до полутора миллионов", None, 1_500_000),
        ("за тысячу", 1_000, 1_000),
        ("бюджет 600 тысяч", None, 600_000),
        ("айфон 13 до 30к", None, 30_000),
        ("шины 205/55 r16 до 12000", None, 12_000),
        ("участок 6 соток за 500 тыс", 500_000, 500_000),
        ("козы 7000 рублей", 7_000, 7_000),
        ("мёд 1000р", 1_000, 1_000),
        ("диван 5000", 5_000, 5_000),
        ("диван, 5000, самовывоз", 5_000, 5_000),
        ("2500 р. смена", 2_500, 2_500),
        ("до 2000", None, 2_000),
        ("холодильник не больше 20 тысяч", None, 20_000),
        ("not more than 900 rubles", None, 900),
        ("bike under 15,000 rubles", None, 15_000),
    ],
)
def test_prices_in_roubles(text: str, low: int | None, high: int | None) -> None:
    assert price(text) == (low, high, "RUB")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("under $300", (None, 300, "USD")),
        ("$1,200-1,500", (1_200, 1_500, "USD")),
        ("laptop for $450", (450, 450, "USD")),
        ("between 100 and 200 dollars", (100, 200, "USD")),
        ("from 500 to 1000 euros", (500, 1_000, "EUR")),
        ("до 300 баксов", (None, 300, "USD")),
        ("50 €", (50, 50, "EUR")),
        ("max 300 usd", (None, 300, "USD")),
    ],
)
def test_prices_in_other_money(text: str, expected: tuple[int | None, int | None, str]) -> None:
    assert price(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ваз 2107 2005 года",
        "приора 2012 г.в.",
        "до 2024 года",
        "от 18 лет",
        "до 8 марта",
        "до 17:00",
        "в 10 км от города",
        "с пробегом до 100 тыс км",
        "mileage under 100000",
        "население 25 тысяч человек",
        "телевизор 4к",
        "2к квартира",
        "айфон 15 про 256 гб",
        "redmi note 9",
        "rtx 3050",
        "5-7 человек",
        "стол 120 см",
        "дом 120 кв м",
        "+7 928 123-45-67",
        "звоните 89281234567",
        "more than 3 years",
        "100 кур",
        "до упора",
        "",
    ],
)
def test_other_numbers_are_no_prices(text: str) -> None:
    assert price(text) is None


def test_the_words_are_kept_as_they_were_written() -> None:
    found = find_price(fold("Сниму Двушку ДО 25 Тысяч!"), "Сниму Двушку ДО 25 Тысяч!")
    assert found is not None
    assert found.text == "ДО 25 Тысяч"
