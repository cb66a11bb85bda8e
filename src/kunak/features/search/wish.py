"""What a question asks for besides its words: when, where, and how new."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from kunak.features.search.freshness import Freshness, freshness_of
from kunak.features.search.schemas import Span
from kunak.features.understanding.schemas import Intent, Period, Place
from kunak.features.understanding.service import in_cyrillic, understand

_A_YEAR = timedelta(days=360)
_JUST_NOW = timedelta(days=15)
_SURE = 0.8

# What stands around the subject of a wish for news.
_NEWS = re.compile(
    r"\b(?:что|чего|какие|какая|расскаж\w+|покаж\w+|дай\w*|скинь\w*|пришли\w*|мне|нам|пожалуйста|привет|здравствуйте"
    r"|есть|там|тут|у|нас|вас|нов(?:ого|ое|ости|остей|остях|остям|остями|енького|енькое)|новостн\w+|главн\w+|важн\w+"
    r"|интересн\w+|последн\w+|свеж\w+|сводк\w+|дайджест\w*|обзор\w*|итог\w*|событи\w+|картин\w+|повестк\w+"
    r"|происходи\w+|произош\w+|случил\w+|случа\w+|был[аио]?|слышно|творится|делается|прошло|коротко|кратко|вкратце"
    r"|сейчас|сегодня|вообще|за|на|в|во|про|по|о|об|обо|из|и|а|ну|с|со|к|это|этот|эту|день|дня|дней|сутки|теме?|поводу"
    r"|насчет|what|whats|what's|is|are|s|the|a|an|any|new|news|latest|recent|happened|happening|has|have|been|did|do"
    r"|going|on|up|digest|summary|summari[sz]e|headlines?|top|main|stories|story|events?|updates?|tell|give|show|me|us"
    r"|please|about|in|of|for|from|at|with|hi|hello|there|brief(?:ly)?|regarding|concerning|week|day|today|now|and)\b",
    re.IGNORECASE,
)
_NOT_OF_A_SUBJECT = re.compile(r"[^\w\s«»\"-]")
_WORD = re.compile(r"[^\W_]")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Wish:
    """A question understood."""

    intent: Intent
    words: str
    """The question without the words that name its period."""
    words_of_any_time: str
    """The question as it is searched for when its period is given up: a date may stand in a text, *yesterday* tells
    nothing there."""
    subject: str
    """What is left of it when the words that ask for news, the period and the place are gone; often nothing."""
    period: Span | None
    place: Place | None
    freshness: Freshness

    @property
    def words_without_place(self) -> str:
        return self.words.replace(self.place.text, " ", 1) if self.place else self.words


def read_wish(question: str, now: datetime) -> Wish:
    """`now` (aware) gives «вчера» its date."""
    understood = understand(question, now=now)
    intent, period, place = understood.intent, understood.filters.period, understood.filters.place
    if period is not None and intent is Intent.ASK and period.end - period.start > _A_YEAR:
        period = None  # «Кто победил в 2018 году?» asks about a year, not for what was written in it.
    words = in_cyrillic(question)
    words = words.replace(period.text, " ", 1) if period else words
    subject = _subject(words.replace(place.text, " ", 1) if place else words)
    if intent is Intent.ASK and period is not None and not subject:
        intent = Intent.DIGEST  # «What happened on 3 May?»
    words = words if _WORD.search(words) else question
    return Wish(
        intent,
        words,
        words if period is not None and _is_just_now(period, now) else question,
        subject,
        _span(period, now) if period else None,
        place,
        freshness_of(question, is_for_offers=intent is Intent.FIND_LISTING and understood.confidence >= _SURE),
    )


def _is_just_now(period: Period, now: datetime) -> bool:
    """«Вчера», «на этой неделе»: not a date, and not «миллион лет назад»."""
    return not _DIGIT.search(period.text) and now - period.start < _JUST_NOW


def _subject(words: str) -> str:
    left = _NOT_OF_A_SUBJECT.sub(" ", _NEWS.sub(" ", words))
    return " ".join(left.split()) if _WORD.search(left) else ""


def _span(period: Period, now: datetime) -> Span:
    """A period that has begun ends now: what carries a later date is no news yet."""
    end = min(period.end, now) if period.start < now else period.end
    return Span(period.start, end)
