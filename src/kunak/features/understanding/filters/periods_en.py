"""Stretches of time in English words. The first rule that fits wins, so the longer ones stand first."""

import re
from collections.abc import Callable
from datetime import date

from kunak.features.understanding.filters import spans
from kunak.features.understanding.filters.spans import Span

SpanOf = Callable[[re.Match[str], date], Span | None]

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_OTHER_MONTH = _MONTH.replace("month", "other")
_YEAR = r"(?:,?\s*(?P<year>(?:19|20)\d\d))?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_LAST_DAY = _DAY.replace("day", "last")
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEKDAY = r"(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
_SEASONS = {"winter": 0, "spring": 1, "summer": 2, "autumn": 3, "fall": 3}
_SEASON = r"(?P<season>winter|spring|summer|autumn|fall)"
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "couple": 2, "two": 2, "three": 3, "few": 3, "several": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "ten": 10,
}  # fmt: skip
_COUNT = r"(?:a\s+)?(?P<count>\d{1,3}|" + "|".join(_COUNTS) + r")(?:\s+of)?"
_UNIT = r"(?P<unit>day|week|month|year)s?"
_PAST = r"(?P<past>last|past|previous)"
_DAYS = {"the day before yesterday": -2, "day before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0}
_DAYS |= {"the day after tomorrow": 2, "day after tomorrow": 2, "tomorrow": 1}


def _count(found: re.Match[str]) -> int:
    word = found["count"]
    return 1 if not word else int(word) if word.isdigit() else _COUNTS[word]


def _number(word: str) -> int:
    return _MONTHS.index(word[:3]) + 1


def _month_date(found: re.Match[str], today: date, day: str) -> Span | None:
    if found["year"]:
        return spans.date_of(int(found["year"]), _number(found["month"]), int(found[day]))
    return spans.last_date_named(_number(found["month"]), int(found[day]), today)


def _between_dates(found: re.Match[str], today: date) -> Span | None:
    last = _month_date(found, today, "last")
    other = found.groupdict().get("other")
    first = last and spans.date_of(last.last.year, _number(other or found["month"]), int(found["day"]))
    if not (first and last):
        return None
    if first.first > last.last:
        first = spans.date_of(last.last.year - 1, first.first.month, first.first.day) or first
    return Span(first.first, last.last)


def _since(span: Span | None, today: date) -> Span | None:
    return Span(span.first, today) if span and span.first <= today else None


def _month(found: re.Match[str], today: date) -> Span:
    number = _number(found["month"])
    return spans.month(int(found["year"]), number) if found["year"] else spans.last_month_named(number, today)


def _season(found: re.Match[str], today: date) -> Span:
    groups, number = found.groupdict(), _SEASONS[found["season"]]
    if groups.get("year"):
        return spans.season(today, number, of_year=int(groups["year"]))
    return spans.season(today, number, shift=-1 if groups.get("past") else 0)


def _unit_at(found: re.Match[str], today: date) -> Span:
    shift = {"this": 0, "current": 0, "next": 1, "coming": 1}.get(found["which"], -1)
    match found["unit"]:
        case "week":
            return spans.week(today, shift)
        case "weekend":
            return spans.weekend(today, shift)
        case "month":
            return spans.month_by_shift(today, shift)
        case "quarter":
            first = spans.month_by_shift(today, 3 * shift - (today.month - 1) % 3).first
            return Span(first, spans.month_by_shift(first, 2).last)
        case _:
            return spans.year(today.year + shift)


def _weekday(found: re.Match[str], today: date) -> Span:
    which = found.groupdict().get("which") or ""
    number = _WEEKDAYS.index(found["weekday"][:3])
    return spans.weekday(today, number, 1 if which == "next" else 0, before_today=which == "last")


def _years(found: re.Match[str], _: date) -> Span:
    return Span(spans.year(int(found["year"])).first, spans.year(int(found["last"])).last)


RULES: tuple[tuple[str, SpanOf], ...] = (
    (rf"(?:from|between)\s+{_OTHER_MONTH}\s+{_DAY}\s+(?:to|till|until|and|through)\s+{_MONTH}\s+{_LAST_DAY}{_YEAR}", _between_dates),
    (rf"(?:from|between)\s+{_DAY}\s+{_OTHER_MONTH}\s+(?:to|till|until|and|through)\s+{_LAST_DAY}\s+{_MONTH}{_YEAR}", _between_dates),
    (rf"(?:(?:from|between)\s+)?{_MONTH}\s+{_DAY}\s*(?:to|till|until|and|through|-|–)\s*{_LAST_DAY}{_YEAR}", _between_dates),
    (rf"(?:(?:from|between)\s+)?{_DAY}\s*(?:to|till|until|and|through|-|–)\s*{_LAST_DAY}\s+{_MONTH}{_YEAR}", _between_dates),
    (rf"(?:since|after|from)\s+(?:{_MONTH}\s+{_DAY}){_YEAR}", lambda found, today: _since(_month_date(found, today, "day"), today)),
    (rf"(?:since|after|from)\s+(?:{_DAY}\s+(?:of\s+)?{_MONTH}){_YEAR}", lambda found, today: _since(_month_date(found, today, "day"), today)),
    (rf"(?:(?:on|for|of)\s+)?(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}{_YEAR}", lambda found, today: _month_date(found, today, "day")),
    (rf"(?:(?:on|for|of)\s+)?{_MONTH}\s+(?:the\s+)?{_DAY}(?!\d){_YEAR}", lambda found, today: _month_date(found, today, "day")),
    (rf"(?:since|after)\s+{_MONTH}{_YEAR}", lambda found, today: _since(_month(found, today), today)),
    (rf"(?:(?:in|for|during|of)\s+)?{_MONTH}\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)", _month),
    (rf"(?:in|for|during|throughout|early|late|mid|this|last)\s+(?:early\s+|late\s+|mid\s+)?{_MONTH}(?P<year>)", _month),
    (r"(?:from|between)\s+(?P<year>(?:19|20)\d\d)\s*(?:to|till|until|and|through|-|–)\s*(?P<last>(?:19|20)\d\d)", _years),
    (r"(?P<year>(?:19|20)\d\d)\s*[-–]\s*(?P<last>(?:19|20)\d\d)", _years),
    (r"since\s+(?P<year>(?:19|20)\d\d)", lambda found, today: _since(spans.year(int(found["year"])), today)),
    (rf"(?:in\s+)?(?:the\s+)?{_SEASON}\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)", _season),
    (rf"(?:this|{_PAST})\s+{_SEASON}", _season),
    (r"(?:in|during|for|of)\s+(?:the\s+year\s+)?(?P<year>(?:19|20)\d\d)(?!\s*(?:rub|usd|eur|dollars|euros|k\b))", lambda found, _: spans.year(int(found["year"]))),
    (rf"(?:(?:in|over|for|during|within|from)\s+)?(?:the\s+)?(?:last|past|previous)\s+{_COUNT}\s+{_UNIT}", lambda found, today: spans.back(today, _count(found), found["unit"])),
    (r"(?:(?:in|over|for|during|within|of)\s+)(?:the\s+)?(?:last|past)\s+(?P<unit>day|week|month|year)", lambda found, today: spans.back(today, 1, found["unit"])),
    (r"the\s+(?:last|past)\s+(?P<unit>day|week|month|year)", lambda found, today: spans.back(today, 1, found["unit"])),
    (rf"{_COUNT}\s+{_UNIT}\s+ago", lambda found, today: spans.day(spans.ago(today, _count(found), found["unit"]))),
    (r"(?:(?:on|over|for|during)\s+)?(?P<which>this|current|last|past|previous|next|coming)\s+(?P<unit>week(?:end)?|month|quarter|year)(?:'s)?", _unit_at),
    (rf"since\s+(?:last\s+)?{_WEEKDAY}", lambda found, today: _since(_weekday(found, today), today)),
    (r"since\s+yesterday", lambda _, today: Span(spans.day(today, -1).first, today)),
    (rf"(?:on\s+)?(?P<which>last|this|next)\s+{_WEEKDAY}", _weekday),
    (rf"(?:on|for)\s+{_WEEKDAY}", _weekday),
    (r"(?:(?:on|over|for|at)\s+)?(?:the\s+)weekend", lambda _, today: spans.weekend(today)),
    (r"(?P<day>(?:the\s)?day before yesterday|(?:the\s)?day after tomorrow|yesterday|today|tonight|tomorrow)(?:'s)?", lambda found, today: spans.day(today, _DAYS[found["day"]])),
    (r"this\s+(?:morning|afternoon|evening)", lambda _, today: spans.day(today)),
    (r"last\s+night", lambda _, today: spans.day(today, -1)),
)  # fmt: skip

HOURS = re.compile(
    rf"(?:(?:in|over|for|within)\s+)?(?:the\s+)?(?:last|past)\s+(?:{_COUNT}\s+)?hours?(?!\w)|{_COUNT.replace('count', 'number')}\s+hours?\s+ago(?!\w)"
)


def hours(found: re.Match[str]) -> int:
    word = found["count"] or found["number"]
    return 1 if not word else int(word) if word.isdigit() else _COUNTS[word]
