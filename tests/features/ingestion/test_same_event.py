"""What tells of one event, and what of two."""

from datetime import timedelta

from kunak.features.ingestion.same_event import LONGEST, read_telling, tell_the_same

FIRE = (
    "В Адлере загорелся склад стройматериалов на улице Кирова. Площадь пожара 800 квадратных метров, пострадавших нет."
)
FIRE_TOLD_BY_BOB = (
    "Пожар на Кирова в Адлере: горят 800 метров склада со стройматериалами. По данным МЧС, никто не пострадал."
)
THEATRE = "Зимний театр открывает сезон премьерой «Чайки». Билеты продают с понедельника."


def same(one: str, other: str, *, hours: int = 0, by_one: bool = False) -> bool:
    tellings = read_telling("", one), read_telling("", other)
    return tell_the_same(*tellings, apart=timedelta(hours=hours), by_one=by_one) is not None


def test_other_words_tell_the_same_event() -> None:
    assert same(FIRE, FIRE_TOLD_BY_BOB)


def test_other_events_of_a_place_are_others() -> None:
    assert not same(FIRE, THEATRE)
    assert not same(FIRE, "В Адлере на улице Кирова открыли сквер: там высадили липы и поставили скамейки.")


def test_the_more_time_lies_between_the_more_alike_they_must_be() -> None:
    assert same(FIRE, FIRE, hours=40)
    later = "На складе в Адлере потушили пожар. Сгорели стройматериалы на 800 метрах."
    assert same(FIRE, later)
    assert not same(FIRE, later, hours=47)
    assert not same(FIRE, FIRE, hours=int(LONGEST / timedelta(hours=1)) + 1)


def test_the_column_of_one_source_is_another_event_each_day() -> None:
    monday = "Погода в Сочи на 18 мая: днём до 24 градусов, ветер южный, вода прогрелась до 19."
    tuesday = "Погода в Сочи на 19 мая: днём до 22 градусов, ветер западный, вода прогрелась до 18."
    assert not same(monday, tuesday, hours=24, by_one=True)


def test_who_says_little_tells_of_another_day() -> None:
    one, other = "Приложение Rutube пропало из Google Play, — ТАСС.", "Приложение «Авито» пропало из Google Play."
    assert same(one, other)
    assert not same(one, other, hours=20)


def test_a_text_without_words_tells_nothing() -> None:
    assert not same("", "")
    assert not same("🎉", "🎉")
