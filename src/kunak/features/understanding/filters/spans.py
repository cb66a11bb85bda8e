"""Stretches of the calendar, as two days that both belong to them."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

OLDEST_YEAR = 1990
"""Nothing on the web was published earlier: an earlier year is the matter of a question, not the date of an answer."""
NEWEST_YEAR = 2099


@dataclass(frozen=True)
class Span:
    """From the beginning of the first day to the end of the last."""

    first: date
    last: date


def day(when: date, shift: int = 0) -> Span:
    moved = when + timedelta(days=shift)
    return Span(moved, moved)


def week(today: date, shift: int = 0) -> Span:
    """The calendar week, Monday to Sunday, `shift` weeks from this one."""
    monday = today - timedelta(days=today.weekday() - 7 * shift)
    return Span(monday, monday + timedelta(days=6))


def weekend(today: date, shift: int = 0) -> Span:
    """Saturday and Sunday of this week, or of another."""
    sunday = week(today, shift).last
    return Span(sunday - timedelta(days=1), sunday)


def month(year: int, number: int) -> Span:
    return Span(date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1]))


def month_by_shift(today: date, shift: int) -> Span:
    years, index = divmod(today.year * 12 + today.month - 1 + shift, 12)
    return month(years, index + 1)


def year(number: int) -> Span:
    return Span(date(number, 1, 1), date(number, 12, 31))


def last_month_named(number: int, today: date) -> Span:
    """The latest such month that has begun."""
    return month(today.year - (number > today.month), number)


def last_date_named(month_number: int, day_number: int, today: date) -> Span | None:
    """The nearest such day: of this year, or of the last one when it is more than half a year ahead.

    None when the month has no such day.
    """
    found = date_of(today.year, month_number, day_number)
    if found and (found.first - today).days > 182:  # noqa: PLR2004  half a year
        return date_of(today.year - 1, month_number, day_number)
    return found


def date_of(year_number: int, month_number: int, day_number: int) -> Span | None:
    try:
        return day(date(year_number, month_number, day_number))
    except ValueError:
        return None


def weekday(today: date, number: int, shift: int = 0, *, before_today: bool = False) -> Span:
    """The latest such day of the week (Monday is 0), today included unless `before_today`; `shift` weeks later."""
    since = (today.weekday() - number) % 7
    return day(today, -(7 if before_today and not since else since) + 7 * shift)


def back(today: date, count: int, unit: str) -> Span:
    """The `count` latest days, weeks, months or years, up to the end of today."""
    return Span(ago(today, count, unit) + timedelta(days=unit == "day"), today)


def ago(today: date, count: int, unit: str) -> date:
    """The day `count` units before today."""
    count = min(count, 1200)
    if unit in {"day", "week"}:
        return today - timedelta(days=count * (7 if unit == "week" else 1))
    span = month_by_shift(today, -count * (12 if unit == "year" else 1))
    return span.first.replace(day=min(today.day, span.last.day))


def season(today: date, number: int, *, shift: int = 0, of_year: int | None = None) -> Span:
    """Three months: 0 winter (from the December of the year before), 1 spring, 2 summer, 3 autumn; the latest begun."""
    first_year = of_year if of_year is not None else today.year + (number == 0 and today.month == 12)  # noqa: PLR2004
    first = month(first_year - (number == 0), (number * 3 - 1) % 12 + 1).first
    if of_year is None:
        first = first.replace(year=first.year - (first > today) + shift)
    return Span(first, month_by_shift(first, 2).last)
