"""Stretches of time in Russian words. The first rule that fits wins, so the longer ones stand first."""

import re
from collections.abc import Callable
from datetime import date

from kunak.features.understanding.filters import spans
from kunak.features.understanding.filters.spans import Span

SpanOf = Callable[[re.Match[str], date], Span | None]

_MONTHS = ["янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]
_MONTH = r"(?P<month>январ[ьяе]|феврал[ьяе]|март[ае]?|апрел[ьяе]|ма[йяе]|июн[ьяе]|июл[ьяе]|август[ае]?|(?:сент|окт|но|дек)[ая]бр[ьяе])"
_OTHER_MONTH = _MONTH.replace("month", "other")
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)(?:\s*(?:-?го|-?м)?\s*г(?:од[ауе]?|оды|\.)?(?!\w))?"
_DAY = r"(?P<day>[0-3]?\d)(?:-?(?:го|ое|е|ого))?"
_LAST_DAY = _DAY.replace("day", "last")
_WEEKDAYS = ["понедельник", "вторник", "сред", "четверг", "пятниц", "суббот", "воскресень"]
_WEEKDAY = r"(?P<weekday>понедельник|вторник|сред|четверг|пятниц|суббот|воскресень)(?:а|у|ы|е|я)?"
_SEASONS = ("зим", "весн", "лет", "осен")
_SEASON = r"(?P<season>зим|весн|лет|осен)(?:ой|ою|ом|ью|у|а|о|ь)"
_COUNTS = {
    "пару": 2, "пары": 2, "два": 2, "две": 2, "двух": 2, "три": 3, "трех": 3, "четыре": 4, "четырех": 4, "пять": 5,
    "пяти": 5, "шесть": 6, "семь": 7, "семи": 7, "десять": 10, "десяти": 10, "несколько": 3, "полтора": 2,
}  # fmt: skip
_COUNT = r"(?P<count>\d{1,3}|" + "|".join(_COUNTS) + ")"
_UNITS = {"д": "day", "с": "day", "н": "week", "м": "month", "г": "year", "л": "year"}
_UNIT = r"(?P<unit>день|дня|дней|дн|сутки|суток|недел[юияе]|недель|месяц(?:а|ев|е)?|мес|год(?:а|у)?|лет)"
_LATEST = r"(?:последн(?:ие|их|юю|ий|ей|его|яя|ее)|прошедш\w+|минувш\w+|истекш\w+|крайн(?:ие|юю|ий|их))"
_THIS = r"(?P<this>эт(?:ой|ом|от|у|а|ого|и|их|им)|текущ\w+|нынешн\w+)"
_PAST = r"(?P<past>прошл\w+|прошедш\w+|минувш\w+|предыдущ\w+|той)"
_NEXT = r"(?P<next>следующ\w+|будущ\w+|ближайш\w+)"
_SHIFT = rf"(?:{_THIS}|{_PAST}|{_NEXT})"
_DAYS = {"позавчера": -2, "вчера": -1, "сегодня": 0, "послезавтра": 2, "завтра": 1}


def _shift(found: re.Match[str]) -> int:
    return -1 if found["past"] else 1 if found["next"] else 0


def _count(found: re.Match[str]) -> int:
    word = found["count"]
    return 1 if not word else int(word) if word.isdigit() else _COUNTS[word]


def _unit(found: re.Match[str]) -> str:
    return _UNITS[found["unit"][0]]


def _month_number(word: str) -> int:
    return _MONTHS.index("ма" if word in {"май", "мая", "мае"} else word[:3]) + 1


def _weekday(found: re.Match[str], today: date) -> Span:
    number, groups = _WEEKDAYS.index(found["weekday"]), found.groupdict()
    return spans.weekday(today, number, 1 if groups.get("next") else 0, before_today=bool(groups.get("past")))


def _month_date(found: re.Match[str], today: date, day: str, month: str = "month") -> Span | None:
    number = _month_number(found[month])
    if found["year"]:
        return spans.date_of(int(found["year"]), number, int(found[day]))
    return spans.last_date_named(number, int(found[day]), today)


def _between_dates(found: re.Match[str], today: date) -> Span | None:
    last = _month_date(found, today, "last")
    other = found.groupdict().get("other")
    first = last and spans.date_of(last.last.year, _month_number(other or found["month"]), int(found["day"]))
    if not (first and last):
        return None
    if first.first > last.last:
        first = spans.date_of(last.last.year - 1, first.first.month, first.first.day) or first
    return Span(first.first, last.last)


def _since(span: Span | None, today: date) -> Span | None:
    return Span(span.first, today) if span and span.first <= today else None


def _month(found: re.Match[str], today: date) -> Span:
    number = _month_number(found["month"])
    return spans.month(int(found["year"]), number) if found["year"] else spans.last_month_named(number, today)


def _season(found: re.Match[str], today: date) -> Span:
    groups, number = found.groupdict(), _SEASONS.index(found["season"])
    if groups.get("year"):
        return spans.season(today, number, of_year=int(groups["year"]))
    return spans.season(today, number, shift=-1 if groups.get("past") else 0)


_UNIT_NOW: dict[str, Callable[[date], Span]] = {
    "week": spans.week,
    "month": lambda today: spans.month_by_shift(today, 0),
    "year": lambda today: spans.year(today.year),
}


def _unit_at(found: re.Match[str], today: date) -> Span:
    shift = _shift(found)
    match _unit(found):
        case "day":
            return spans.day(today, shift)
        case "week":
            return spans.week(today, shift)
        case "month":
            return spans.month_by_shift(today, shift)
        case _:
            return spans.year(today.year + shift)


def _ago(found: re.Match[str], today: date) -> Span:
    return spans.day(spans.ago(today, _count(found), _unit(found)))


RULES: tuple[tuple[str, SpanOf], ...] = (
    (rf"(?:с|со|от)\s+{_DAY}\s+{_OTHER_MONTH}\s+(?:по|до)\s+{_LAST_DAY}\s+{_MONTH}(?:\s+{_YEAR})?", _between_dates),
    (rf"(?:с|со|от)\s+{_DAY}\s*(?:по|до|-|–)\s*{_LAST_DAY}\s+{_MONTH}(?:\s+{_YEAR})?", _between_dates),
    (rf"{_DAY}\s*[-–—]\s*{_LAST_DAY}\s+{_MONTH}(?:\s+{_YEAR})?", _between_dates),
    (
        rf"(?:с|со|начиная с|после)\s+{_DAY}\s+{_MONTH}(?:\s+{_YEAR})?",
        lambda found, today: _since(_month_date(found, today, "day"), today),
    ),
    (
        rf"(?:(?:за|на|от|в)\s+)?{_DAY}\s+{_MONTH}(?:\s+{_YEAR})?",
        lambda found, today: _month_date(found, today, "day"),
    ),
    (rf"(?:с|со|начиная с|после)\s+{_MONTH}(?:\s+{_YEAR})?", lambda found, today: _since(_month(found, today), today)),
    (rf"{_MONTH}\s+(?:месяц\w*\s+)?{_YEAR}", _month),
    (rf"(?:в|за|на|весь|в течение|начале|середине|конце)\s+(?:(?:начале|середине|конце|весь)\s+)?{_MONTH}(?P<year>)(?!\s+\d)", _month),
    (
        r"(?:с|со)\s+(?P<year>(?:19|20)\d\d)\s*(?:г(?:ода?|\.)?\s*)?(?:по|до)\s*(?P<last>(?:19|20)\d\d)(?:\s*г(?:од[ауе]?|оды|г?\.?)?)?",
        lambda found, _: Span(spans.year(int(found["year"])).first, spans.year(int(found["last"])).last),
    ),
    (
        r"(?P<year>(?:19|20)\d\d)\s*[-–—]\s*(?P<last>(?:19|20)\d\d)\s*г(?:од[ауеы]?х?|г\.?|\.)?",
        lambda found, _: Span(spans.year(int(found["year"])).first, spans.year(int(found["last"])).last),
    ),
    (
        rf"(?:с|со|начиная с|после)\s+{_YEAR}",
        lambda found, today: _since(spans.year(int(found["year"])), today),
    ),
    (rf"(?:эт\w+\s+)?{_SEASON}\s+{_YEAR}", _season),
    (rf"(?:эт(?:ой|им|у|о)|нынешн\w+|(?P<past>прошл\w+))\s+{_SEASON}", _season),
    (r"(?:в|за)\s+(?P<year>(?:19|20)\d\d)(?:\s*-?(?:м|ом))?(?:\s*г(?:од[ауе]?|\.)?)?(?!\s*(?:руб|р\b|₽|тыс|к\b))", lambda found, _: spans.year(int(found["year"]))),
    (r"(?P<year>(?:19|20)\d\d)(?:\s*-?(?:м|го))?\s*г(?:од[ауе]?|\.)(?!\s*(?:выпуск|постройк|в\.|рожд))", lambda found, _: spans.year(int(found["year"]))),
    (rf"(?:(?:за|в|в течение)\s+)?{_LATEST}\s+(?:{_COUNT}\s+)?{_UNIT}", lambda found, today: spans.back(today, _count(found), _unit(found))),
    (rf"{_COUNT}\s+{_UNIT}\s+назад", _ago),
    (rf"(?P<count>){_UNIT}\s+назад", _ago),
    (r"полгода\s+назад", lambda _, today: spans.day(spans.ago(today, 6, "month"))),
    (rf"(?:(?:в|на|за|с)\s+)?{_SHIFT}\s+{_UNIT}", _unit_at),
    (r"(?:за|в)\s+(?:эт[иу]х?\s+|текущ\w+\s+)?(?P<word>сутки|полгода|квартал|полмесяца)(?!\s+назад)", lambda found, today: _named(found["word"], today)),
    (rf"за\s+(?:(?:весь|всю|эт\w+)\s+)?(?:{_COUNT}\s+)?{_UNIT}(?!\s+до)", lambda found, today: spans.back(today, _count(found), _unit(found))),
    (r"в\s+течение\s+(?P<count>)(?P<unit>дня|недели|месяца|года)", lambda found, today: spans.back(today, 1, _unit(found))),
    (rf"(?:на|в|за)?\s*(?:{_SHIFT}\s+)?(?:выходные|выходных)(?!\s+(?:и|дн))", lambda found, today: spans.weekend(today, _shift(found))),
    (rf"(?:с|со|начиная с)\s+(?:{_PAST}\s+)?{_WEEKDAY}", lambda found, today: _since(_weekday(found, today), today)),
    (r"(?:с|от)\s+начала\s+(?P<unit>недели|месяца|года)", lambda found, today: _since(_UNIT_NOW[_unit(found)](today), today)),
    (r"(?:с|со)\s+(?P<day>вчерашн\w+|позавчера)(?:\s+дня)?", lambda found, today: _since(spans.day(today, -1 if found["day"][0] == "в" else -2), today)),
    (rf"(?:в|во|за|на)\s+{_SHIFT}\s+{_WEEKDAY}", _weekday),
    (rf"(?:в|во|за)\s+{_WEEKDAY}", _weekday),
    (rf"{_PAST}\s+{_WEEKDAY}", _weekday),
    (r"(?P<day>позавчера|вчера|сегодня|послезавтра|завтра)(?:\s+(?:утром|днем|вечером|ночью))?", lambda found, today: spans.day(today, _DAYS[found["day"]])),
    (r"(?:за\s+)?(?P<day>позавчера|вчера|сегодня|завтра)шн\w+(?:\s+(?:день|дня|сутки))?", lambda found, today: spans.day(today, _DAYS[found["day"]])),
    (r"(?:за|об?)\s+(?P<word>недельку|денек|месяцок)", lambda found, today: _named(found["word"], today)),
)  # fmt: skip

HOURS = re.compile(
    rf"(?:за\s+)?(?:{_LATEST}\s+)(?:{_COUNT}\s+)?час(?:а|ов)?(?!\w)|за\s+(?P<number>\d{{1,3}}\s+)?час(?:а|ов)?(?!\w)"
)


def hours(found: re.Match[str]) -> int:
    return int(found["number"]) if found["number"] else _count(found)


def _named(word: str, today: date) -> Span:
    match word:
        case "недельку":
            return spans.back(today, 1, "week")
        case "месяцок":
            return spans.back(today, 1, "month")
        case "полгода":
            return spans.back(today, 6, "month")
        case "квартал":
            return spans.back(today, 3, "month")
        case "полмесяца":
            return spans.back(today, 15, "day")
        case _:
            return spans.back(today, 1, "day")
