"""Time in words becomes days; seen from Friday, 20 November 2026, three in the afternoon in Moscow."""

from datetime import UTC, datetime, timedelta

import pytest

from kunak.features.understanding.filters.periods import find_period
from kunak.features.understanding.schemas import Period
from kunak.features.understanding.service import MOSCOW
from kunak.features.understanding.tokens import fold

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def period(text: str, now: datetime = NOW) -> Period | None:
    return find_period(fold(text), text, now, MOSCOW)


RUSSIAN = [
    ("сегодня", "2026-11-20", "2026-11-20"),
    ("сегодня утром", "2026-11-20", "2026-11-20"),
    ("вчера", "2026-11-19", "2026-11-19"),
    ("вчерашние новости", "2026-11-19", "2026-11-19"),
    ("позавчера", "2026-11-18", "2026-11-18"),
    ("завтра", "2026-11-21", "2026-11-21"),
    ("за неделю", "2026-11-13", "2026-11-20"),
    ("за последнюю неделю", "2026-11-13", "2026-11-20"),
    ("за последние 3 дня", "2026-11-18", "2026-11-20"),
    ("за последние два дня", "2026-11-19", "2026-11-20"),
    ("за сутки", "2026-11-20", "2026-11-20"),
    ("за месяц", "2026-10-20", "2026-11-20"),
    ("за год", "2025-11-20", "2026-11-20"),
    ("на этой неделе", "2026-11-16", "2026-11-22"),
    ("на прошлой неделе", "2026-11-09", "2026-11-15"),
    ("в прошлом месяце", "2026-10-01", "2026-10-31"),
    ("в этом году", "2026-01-01", "2026-12-31"),
    ("в прошлом году", "2025-01-01", "2025-12-31"),
    ("на выходных", "2026-11-21", "2026-11-22"),
    ("в прошлые выходные", "2026-11-14", "2026-11-15"),
    ("3 дня назад", "2026-11-17", "2026-11-17"),
    ("неделю назад", "2026-11-13", "2026-11-13"),
    ("в понедельник", "2026-11-16", "2026-11-16"),
    ("с понедельника", "2026-11-16", "2026-11-20"),
    ("в прошлую пятницу", "2026-11-13", "2026-11-13"),
    ("с начала года", "2026-01-01", "2026-11-20"),
    ("в мае", "2026-05-01", "2026-05-31"),
    ("за май", "2026-05-01", "2026-05-31"),
    ("март 2024", "2024-03-01", "2024-03-31"),
    ("в декабре", "2025-12-01", "2025-12-31"),
    ("в 2024 году", "2024-01-01", "2024-12-31"),
    ("с 2020 по 2023 год", "2020-01-01", "2023-12-31"),
    ("летом 2023 года", "2023-06-01", "2023-08-31"),
    ("5 мая", "2026-05-05", "2026-05-05"),
    ("9 мая 2025 года", "2025-05-09", "2025-05-09"),
    ("с 1 по 5 мая", "2026-05-01", "2026-05-05"),
    ("1-5 мая 2025", "2025-05-01", "2025-05-05"),
    ("с 28 апреля по 3 мая", "2026-04-28", "2026-05-03"),
    ("с 28 декабря по 3 января", "2025-12-28", "2026-01-03"),
    ("01.05.2024", "2024-05-01", "2024-05-01"),
    ("с 01.05.2024 по 05.05.2024", "2024-05-01", "2024-05-05"),
    ("2024-05-01", "2024-05-01", "2024-05-01"),
]
ENGLISH = [
    ("today", "2026-11-20", "2026-11-20"),
    ("yesterday's news", "2026-11-19", "2026-11-19"),
    ("the day before yesterday", "2026-11-18", "2026-11-18"),
    ("this week", "2026-11-16", "2026-11-22"),
    ("last week", "2026-11-09", "2026-11-15"),
    ("last month", "2026-10-01", "2026-10-31"),
    ("in the past week", "2026-11-13", "2026-11-20"),
    ("last 3 days", "2026-11-18", "2026-11-20"),
    ("2 days ago", "2026-11-18", "2026-11-18"),
    ("a week ago", "2026-11-13", "2026-11-13"),
    ("since Monday", "2026-11-16", "2026-11-20"),
    ("on Friday", "2026-11-20", "2026-11-20"),
    ("last Friday", "2026-11-13", "2026-11-13"),
    ("this weekend", "2026-11-21", "2026-11-22"),
    ("last night", "2026-11-19", "2026-11-19"),
    ("in May", "2026-05-01", "2026-05-31"),
    ("in May 2024", "2024-05-01", "2024-05-31"),
    ("on May 5", "2026-05-05", "2026-05-05"),
    ("5 May 2024", "2024-05-05", "2024-05-05"),
    ("May 1-5", "2026-05-01", "2026-05-05"),
    ("from March 3 to March 10, 2025", "2025-03-03", "2025-03-10"),
    ("from 1 to 5 May", "2026-05-01", "2026-05-05"),
    ("in 2024", "2024-01-01", "2024-12-31"),
]


@pytest.mark.parametrize(("text", "first", "last"), [*RUSSIAN, *ENGLISH])
def test_days_are_told_with_both_ends(text: str, first: str, last: str) -> None:
    found = period(text)
    assert found is not None
    assert (found.to_json()["from"], found.to_json()["to"]) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "последние новости",
        "квартира 2000 за сутки",
        "2500 руб/сутки",
        "15 тысяч в месяц",
        "20k per month",
        "may I ask",
        "температура 5.5 градусов",
        "в 1943 году",
        "ваз 2107",
        "31 февраля",
        "32.13.2024",
        "",
    ],
)
def test_other_words_are_no_time(text: str) -> None:
    assert period(text) is None


@pytest.mark.parametrize(
    ("text", "length"),
    [("за последний час", 1), ("за последние 24 часа", 24), ("in the last 3 hours", 3), ("over the past hour", 1)],
)
def test_hours_end_now(text: str, length: int) -> None:
    found = period(text)
    assert found is not None
    assert (found.start, found.end) == (NOW - timedelta(hours=length), NOW)
    assert found.to_json()["to"] == "2026-11-20T15:00:00+03:00"


def test_days_begin_at_midnight_of_the_reader() -> None:
    late = datetime(2026, 11, 20, 22, tzinfo=UTC)
    in_moscow, in_utc = period("сегодня", late), find_period("сегодня", "сегодня", late, UTC)
    assert in_moscow is not None
    assert in_utc is not None
    assert in_moscow.start == datetime(2026, 11, 20, 21, tzinfo=UTC)
    assert in_utc.start == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize("number", range(1, 29))
def test_a_date_without_a_year_is_never_half_a_year_ahead(number: int) -> None:
    for month in ("января", "мая", "июня", "октября", "декабря"):
        found = period(f"{number} {month}")
        assert found is not None
        assert timedelta(days=-366) < found.start - NOW < timedelta(days=183)
