"""The front door of understanding: what does this text want, and within which borders?

Needs neither a database nor the network; `refine` asks a language model, where there is one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Protocol

from kunak.features.understanding.classify import classify, knows_all_words
from kunak.features.understanding.filters.categories import find_category, has_category
from kunak.features.understanding.filters.periods import find_period
from kunak.features.understanding.filters.places import find_place
from kunak.features.understanding.filters.prices import find_price, without_phones
from kunak.features.understanding.refine import Refiner
from kunak.features.understanding.schemas import Category, Filters, Intent, Period, Place, Price, Understanding
from kunak.features.understanding.signs import Signs, read_signs
from kunak.features.understanding.tokens import fold, shorten
from kunak.features.understanding.transliteration import is_transliterated, to_cyrillic
from kunak.foundation.language.detect import detect_language
from kunak.foundation.language.languages import Language
from kunak.integrations.language_model.interface import LanguageModel

__all__ = [
    "MOSCOW",
    "Refiner",
    "Refines",
    "in_cyrillic",
    "is_small_talk",
    "open_refiner",
    "refine",
    "signs_of",
    "understand",
]

MOSCOW = timezone(timedelta(hours=3), "MSK")
"""A fixed offset: Moscow has kept it since 2014, and time zone data is missing on bare systems."""

DOUBTFUL = 0.7
"""Below it one in five held-out sentences is misunderstood, above it one in 180; one sentence in 17 lies below."""
_SURE = 0.9
_LISTINGS = frozenset({Intent.FIND_LISTING, Intent.POST_LISTING})


@dataclass(frozen=True)
class _Reading:
    """All that is seen in a text before its intent is known."""

    folded: str
    language: Language
    period: Period | None
    place: Place | None
    price: Price | None
    category: Category | None
    signs: Signs


def understand(text: str, *, now: datetime, zone: tzinfo = MOSCOW) -> Understanding:
    """What `text` wants; `now` (aware) and the reader's `zone` give «вчера» its date.

    Whatever the text is, there is an answer. One without a letter or a digit wants nothing of us: it is `chat`.
    """
    shortened = shorten(text)
    if not any(each.isalnum() for each in shortened):
        return Understanding(Intent.CHAT, detect_language(shortened), Filters(), 1.0 if shortened else 0.0)
    seen = _read(shortened, now, zone)
    likely = classify(seen.signs)
    intent = max(likely, key=lambda each: likely[each])
    return Understanding(intent, seen.language, _filters(intent, seen), likely[intent])


def in_cyrillic(text: str) -> str:
    """`text` in lower-case Cyrillic when it is Russian in Latin letters; any other as it is."""
    folded = fold(shorten(text))
    if detect_language(text) is Language.ENGLISH and is_transliterated(folded):
        return to_cyrillic(folded)
    return text


def open_refiner(model: LanguageModel) -> Refiner:
    """Asks `model` where we are in doubt. One for a process: it remembers what was said."""
    return Refiner(model)


class Refines(Protocol):
    """Who says what a text wants where we are in doubt."""

    async def intent_of(self, text: str) -> Intent | None: ...


async def refine(
    understood: Understanding, text: str, refiner: Refines, *, now: datetime, zone: tzinfo = MOSCOW
) -> Understanding:
    """`understood`, or what a model takes `text` to want where we are in doubt; filters and language stay ours.

    Never fails: a model that does not help in time changes nothing. The confidence in its word is not measured: it
    counts as much as our own where we are sure.
    """
    if understood.confidence >= DOUBTFUL or not any(each.isalnum() for each in text):
        return understood
    intent = await refiner.intent_of(text)
    if intent is None:
        return understood
    return Understanding(intent, understood.language, _filters(intent, _read(shorten(text), now, zone)), _SURE)


def is_small_talk(text: str, *, now: datetime) -> bool:
    """Whether a text surely wants nothing found: only when each of its words is known.

    A lone name is junk to the classifier, and may be just what somebody looks for.
    """
    understood = understand(text, now=now)
    if understood.intent is not Intent.CHAT or understood.confidence < _SURE:
        return False
    return knows_all_words(signs_of(text, now=now))


def signs_of(text: str, *, now: datetime) -> Signs:
    """What training sees of an example."""
    return _read(shorten(text), now, MOSCOW).signs


def _read(text: str, now: datetime, zone: tzinfo) -> _Reading:
    folded, language = fold(text), detect_language(text)
    if language is Language.ENGLISH and is_transliterated(folded):
        folded = text = to_cyrillic(folded)
        language = Language.RUSSIAN
    found = find_place(folded, text)
    period, price = find_period(folded, text, now, zone), find_price(folded, text)
    category = find_category(folded, price)
    flags = {"period": period, "price": price, "category": category, "place": found}
    signs = _signs(_marked(folded, found, price), frozenset(name for name, each in flags.items() if each))
    return _Reading(folded, language, period, found[0] if found else None, price, category, signs)


def _marked(folded: str, place: tuple[Place, int, int] | None, price: Price | None) -> str:
    """`folded` with marks for what would otherwise be learnt by heart."""
    if place:
        folded = f"{folded[: place[1]]} #place {folded[place[2] :]}"
    if price:
        folded = folded.replace(fold(price.text), f" {_price_mark(price)} ")
    return without_phones(folded)


def _price_mark(price: Price) -> str:
    """Whoever looks for a thing names the most they would pay, whoever offers it its price."""
    if price.min == price.max:
        return "#price"
    return "#most" if price.min is None else "#least" if price.max is None else "#between"


def _signs(marked: str, flags: frozenset[str]) -> Signs:
    words = (word.strip('.,!?:;()"«»') for word in marked.split())
    return read_signs(marked, frozenset(word for word in words if has_category(word)), flags)


def _filters(intent: Intent, seen: _Reading) -> Filters:
    """Only what can narrow this intent: questions have no price, small talk has nothing."""
    if intent is Intent.CHAT:
        return Filters()
    if intent not in _LISTINGS:
        return Filters(seen.period, seen.place)
    return Filters(seen.period, seen.place, seen.price, seen.category)
