"""What is a copy, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kunak.features.ingestion.same_text import NEAR, bands, read_wording, say_the_same, simhash

BRIDGE = (
    "Мост через реку Мзымту закрыли на ремонт до 15 мая. Автобусы маршрута 105 пойдут в объезд по улице Ленина, "
    "сообщила мэрия. Пешеходам советуют подвесной мостик у рынка, который открыт весь день."
)
DETOUR = (
    "Водителям грузовиков придётся ехать через перевал: новый участок дороги сдадут только осенью, а по старому проезд "
    "тяжёлых машин запрещён. Жители посёлка жалуются, что скорая теперь добирается сорок минут вместо десяти. Депутаты "
    "обещали рассмотреть их письмо на ближайшей сессии и найти деньги на временную переправу для легковых автомобилей."
)


def are_copies(one: str, other: str) -> bool:
    return say_the_same(read_wording("", one), read_wording("", other))


@pytest.mark.parametrize(
    "copy",
    [
        BRIDGE.upper(),
        f"⚡️ {BRIDGE} #сочи #мост",
        f"{BRIDGE} https://t.me/town/15 @town_news",
        BRIDGE.replace("Мост", "Мост этот", 1),
        BRIDGE.replace(" весь день", ""),
    ],
    ids=["capitals", "hashtags", "addresses", "a word more", "words less"],
)
def test_a_copy_is_known_whatever_stands_around_it(copy: str) -> None:
    assert are_copies(BRIDGE, copy)
    assert are_copies(copy, BRIDGE)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("15 мая", "16 мая"),
        ("маршрута 105", "маршрута"),
        ("улице Ленина", "улице Мира"),
        ("реку Мзымту", "реку"),
        ("открыт", "не открыт"),
        ("открыт", "закрыт"),
    ],
)
def test_another_number_name_or_word_is_other_news(written: str, instead: str) -> None:
    assert not are_copies(BRIDGE, BRIDGE.replace(written, instead))


def test_short_texts_are_copies_to_the_letter_only() -> None:
    assert are_copies("Воздушная тревога в городе!", "воздушная тревога в городе")
    assert not are_copies("Воздушная тревога в городе!", "Снова воздушная тревога в городе!")


def test_texts_without_words_are_no_copies() -> None:
    assert not are_copies("🎉", "🎉")


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=NEAR))
def test_hashes_that_are_near_share_a_band(hashed: int, differing: set[int]) -> None:
    other = hashed ^ sum(1 << bit for bit in differing)
    wording = read_wording("Мост", BRIDGE)
    assert set(bands(hashed, wording)) & set(bands(other, wording))
    assert all(0 <= band < 2**31 for band in bands(hashed, wording))


def test_other_numbers_share_no_band() -> None:
    one, other = (read_wording("", f"Сегодня в городе {degrees} градусов, ветер слабый") for degrees in (20, 21))
    assert not set(bands(7, one)) & set(bands(7, other))


def test_copies_have_near_hashes() -> None:
    one = f"{BRIDGE} {DETOUR}"
    other = one.replace("весь день", "день")
    assert (simhash(read_wording("", one)) ^ simhash(read_wording("", other))).bit_count() <= NEAR
