"""Which time a text speaks of."""

import re
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache

from kunak.features.understanding.filters import periods_en, periods_ru, spans
from kunak.features.understanding.filters.spans import Span
from kunak.features.understanding.schemas import Period
from kunak.foundation.language.languages import Language

# One cheap look before sixty rules are tried.
_SOME_TIME = re.compile(
    r"сегодня|завтра|вчера|недел|месяц|\bмес\b|год|\bлет\b|час|ден|дн[яей]|\bдн\b|сут|назад|выходн|полгода|квартал|зим|весн|лет|осен|"
    r"январ|феврал|март|апрел|\bма[йяе]\b|июн|июл|август|сентябр|октябр|ноябр|декабр|понедельник|вторник|сред[уыае]|четверг|пятниц|суббот|воскресень|"
    r"\d[./]\d|-\d\d-|(?:19|20)\d\d|today|tonight|yesterday|tomorrow|week|month|year|hour|day|ago|morning|night|quarter|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|spring|summer|autumn|fall|winter|since"
)
# «2000 за сутки», «15 тысяч в месяц»: what it costs a day or a month.
_PAID_BY = re.compile(r"(?:\d|₽|\$|€|руб\w*|тыс\w*|\bр|\bк|млн|per)[.,]?\s*$")
_ISO = re.compile(r"(?<![\d-])(?P<year>20\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)(?![\d-])")
_DOTTED = re.compile(
    r"(?<![\d.,])(?P<day>[0-3]?\d)\.(?P<month>[01]\d)(?:\.(?P<year>20\d\d|\d\d))?(?:\s?г\.?)?(?![\d.]\d|\d|\s*(?:км|м\b|кг|л\b|тыс|млн|к\b|%|проц|руб|млрд))"
)
_RANGE = re.compile(r"\s*(?:по|до|-|–|—|to|till|until)\s*")


def find_period(folded: str, written: str, now: datetime, zone: tzinfo) -> Period | None:
    """The first time that is named, as `written`; `folded` is the same text, letter by letter, in the common shape."""
    if not _SOME_TIME.search(folded):
        return None
    moment = now.astimezone(zone)
    return _hours(folded, written, moment) or _dates(folded, written, moment) or _words(folded, written, moment)


def _hours(folded: str, written: str, moment: datetime) -> Period | None:
    for pattern, count in ((periods_ru.HOURS, periods_ru.hours), (periods_en.HOURS, periods_en.hours)):
        if (found := pattern.search(folded)) and not _PAID_BY.search(folded[: found.start()]):
            return Period(moment - timedelta(hours=count(found)), moment, written[found.start() : found.end()].strip())
    return None


def _dates(folded: str, written: str, moment: datetime) -> Period | None:
    """One date in digits, or two of them with «по» or a dash between."""
    numbers = [each for pattern in (_ISO, _DOTTED) for each in pattern.finditer(folded)]
    dated = [(each, span) for each in numbers if (span := _date(each, moment.date()))]
    if not dated:
        return None
    (first, span), *rest = dated
    if rest and _RANGE.fullmatch(folded[first.end() : rest[0][0].start()]):
        return _period(Span(span.first, rest[0][1].last), written[first.start() : rest[0][0].end()], moment)
    return _period(span, first[0], moment)


def _date(found: re.Match[str], today: date) -> Span | None:
    if not found["year"]:
        # `5.05` may be a size or a mark; a month of two digits makes a date likely.
        return spans.last_date_named(int(found["month"]), int(found["day"]), today) if found["month"] > "00" else None
    year = int(found["year"])
    return spans.date_of(year if year > 99 else 2000 + year, int(found["month"]), int(found["day"]))  # noqa: PLR2004  two digits


def _words(folded: str, written: str, moment: datetime) -> Period | None:
    for pattern, span_of in _rules(folded):
        for found in pattern.finditer(folded):
            if _PAID_BY.search(folded[: found.start()]) and "назад" not in found[0] and "ago" not in found[0]:
                continue
            span = span_of(found, moment.date())
            if span and spans.OLDEST_YEAR <= span.first.year <= spans.NEWEST_YEAR and span.first <= span.last:
                return _period(span, written[found.start() : found.end()], moment)
    return None


def _rules(folded: str) -> list[tuple[re.Pattern[str], periods_ru.SpanOf]]:
    return _compiled(Language.RUSSIAN if re.search("[а-я]", folded) else Language.ENGLISH)


@cache
def _compiled(language: Language) -> list[tuple[re.Pattern[str], periods_ru.SpanOf]]:
    """The rules of a language; compiling them takes as long as importing all the rest, and many texts name no time."""
    rules = periods_ru.RULES if language is Language.RUSSIAN else periods_en.RULES
    return [(re.compile(rf"(?<![\w-]){pattern}(?!\w)"), span_of) for pattern, span_of in rules]


def _period(span: Span, text: str, moment: datetime) -> Period:
    start = datetime.combine(span.first, time(), moment.tzinfo)
    return Period(start, datetime.combine(span.last, time(), moment.tzinfo) + timedelta(days=1), text.strip())
