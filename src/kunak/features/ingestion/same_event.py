"""Whether two texts tell of the same event: they share rare words, names and numbers, of the first paragraphs."""

import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from math import log, sqrt
from zlib import crc32

from kunak.features.ingestion.rarity import rarity, stem, words_of

THRESHOLD = 0.33
"""Of `likeness` at the same time; docs/stories.md tells how it was chosen."""
LONGEST = timedelta(hours=48)
"""Between two that tell of one event."""
_PER_DAY = 0.15
"""So much more alike must be what is a day apart."""
_BY_ONE_SOURCE = 0.1
_PER_DAY_BY_ONE = 0.3
"""So much more alike must be what one source tells: it seldom tells an event twice, but has columns that come daily."""
_FEW = 10
"""Telling words; who says less says much the same of other events: the rate of another day, drones of another night."""
_PER_DAY_OF_FEW = 0.45
"""So much more alike must be what is a day apart, and says so little."""
MARKS = 16
SHARED_MARKS = 2
"""Marks that two texts of one event share."""
_SHARED_WORDS = 4
"""A town and a street are soon shared; what happened there must be too."""
CROWD = 300
"""Documents of the same days that a mark leads to at most; on the days of most news, 16 channels come to 165."""
LEAD = 450
"""Characters: what happened stands first, and what happened before comes after."""
_HEAD = 120
"""Characters of a text without a title that stand for one."""
_OF_THE_HEAD = 2
"""A word of the title counts so often."""
_BY_HEADS = 0.3
"""What the titles count for in the likeness; the rest are all words."""
_OTHER_NUMBERS = 0.8
_OTHER_DATES = 0.5
"""Part of the likeness that is left when titles tell of different numbers, or days: the weather of two days."""
_COMMON = 1.0
"""A rarity; what is no rarer says nothing."""
_TELLING = 3.0
"""The rarity of a mark: one text in twenty. What is more common would lead to half of a day's texts."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s|\n")
_NUMBER = re.compile(r"\d+(?:[ .,]\d+)*")
_RU_MONTHS = "январ феврал март апрел мая июн июл август сентябр октябр ноябр декабр"
_EN_MONTHS = "january february march april may june july august september october november december"
_MONTHS = "|".join([*_RU_MONTHS.split(), *_EN_MONTHS.split()])
_DATE = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTHS})|\b({_MONTHS}) (\d{{1,2}})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Telling:
    """What of a text is compared. Weights by stem."""

    words: dict[str, float]
    telling: frozenset[str]
    """Of its words those that are not common."""
    head: dict[str, float]
    """Of its title; a part of `words`."""
    numbers: frozenset[str]
    """Of its title."""
    dates: frozenset[tuple[str, ...]]
    """Days and months of its title."""
    length: float
    marks: frozenset[int]
    """Of its words those that tell most, as numbers of 32 bits: by them others of the same event are found."""


@lru_cache(maxsize=5_000)
def read_telling(title: str, text: str) -> Telling:
    """`title`: empty when the text has none. Of `text` only the beginning is read."""
    head, lead = (title, text[:LEAD]) if title else _split_head(text)
    in_head = Counter(map(stem, words_of(head)))
    counts = Counter(map(stem, words_of(lead)))
    for word, count in in_head.items():
        counts[word] += _OF_THE_HEAD * count
    words = {word: rarity(word) * (1 + log(count)) for word, count in counts.items() if rarity(word) > _COMMON}
    telling = frozenset(word for word in words if rarity(word) >= _TELLING)
    heaviest = sorted(telling, key=lambda word: (-words[word], word))[:MARKS]
    return Telling(
        words=words,
        telling=telling,
        head={word: words[word] for word in in_head if word in words},
        numbers=frozenset(re.sub(r"\D", "", each) for each in _NUMBER.findall(head)),
        dates=frozenset(tuple(sorted(filter(None, date))) for date in _DATE.findall(head.lower())),
        length=sqrt(sum(weight * weight for weight in words.values())),
        marks=frozenset(crc32(word.encode()) for word in heaviest),
    )


def tell_the_same(
    one: Telling, other: Telling, *, apart: timedelta = timedelta(), by_one: bool = False
) -> float | None:
    """How alike both are if they tell of the same event, else None. `by_one`: both are of the same source."""
    alike = likeness(one, other)
    beyond, per_day = (_BY_ONE_SOURCE, _PER_DAY_BY_ONE) if by_one else (0.0, _PER_DAY)
    if min(len(one.telling), len(other.telling)) <= _FEW:
        per_day = _PER_DAY_OF_FEW
    asked = THRESHOLD + beyond + per_day * (apart / timedelta(days=1))
    return alike if apart <= LONGEST and alike >= asked else None


def likeness(one: Telling, other: Telling) -> float:
    """0 to 1; 0 for texts that do not even share some of what tells most in them."""
    if len(one.marks & other.marks) < SHARED_MARKS or len(one.telling & other.telling) < _SHARED_WORDS:
        return 0.0
    shared = sum(weight * other.words[word] for word, weight in one.words.items() if word in other.words)
    by_words = shared / (one.length * other.length)
    by_heads = min(_part_in(one.head, other.words), _part_in(other.head, one.words))
    alike = (1 - _BY_HEADS) * by_words + _BY_HEADS * by_heads
    if _differ(one.dates, other.dates):
        return alike * _OTHER_DATES
    return alike * _OTHER_NUMBERS if _differ(one.numbers, other.numbers) else alike


def _differ(some: AbstractSet[object], others: AbstractSet[object]) -> bool:
    return bool(some and others and not some & others)


def _part_in(words: dict[str, float], others: Iterable[str]) -> float:
    whole = sum(words.values())
    return sum(weight for word, weight in words.items() if word in others) / whole if whole else 0.0


def _split_head(text: str) -> tuple[str, str]:
    """Of a post, which has no title: its first sentence stands for it."""
    beginning = text[:LEAD]
    sentences = _SENTENCE.split(beginning)
    head = next((each for each in sentences if any(map(str.isalnum, each))), "")[:_HEAD]
    return head, beginning
