"""What is new counts more, when it was asked for."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from kunak.features.search.schemas import Hit

# «Последние новости», and not «последний ледниковый период».
_WHAT_IS_NEW = re.compile(
    r"\b(?:сейчас|теперь|сегодня|на данный момент|новост(?:и|ей|ях|ям)|что нового|свеж(?:ие|ая|ее|ий)"
    r"|актуальн\w+|недавно|последн(?:ие|их|им) (?:новост|данн|событи|извести|сообщени|изменени|цен)\w+"
    r"|now|today|currently?|latest|recently|news(?!-)|these days|up[ -]to[ -]date)\b",
    re.IGNORECASE,
)


class Freshness(Enum):
    """How much age counts: the part of its score that a hit keeps at any age, and when half of the rest is gone."""

    NONE = (1.0, timedelta(days=1))
    """A question whose answer does not age."""
    MILD = (0.7, timedelta(days=30))
    """A question for what is so now: of two that fit alike the newer comes first, but the better one stays ahead."""
    STRONG = (0.4, timedelta(days=14))
    """Offers: after some weeks most are gone."""

    def factor(self, age: timedelta | None) -> float:
        """What a score is multiplied with; no age, or one below nothing, is no merit."""
        kept, half = self.value
        if age is None or age < timedelta():
            return kept
        return float(kept + (1 - kept) * 2 ** -min(age / half, 100))


def freshness_of(question: str, *, is_for_offers: bool = False) -> Freshness:
    """How much age counts for a question; for most not at all."""
    if is_for_offers:
        return Freshness.STRONG
    return Freshness.MILD if _WHAT_IS_NEW.search(question.replace("ё", "е")) else Freshness.NONE


def freshest_first(hits: Sequence[Hit], freshness: Freshness, now: datetime) -> list[Hit]:
    """`hits` in the order of their scores with their age in mind; the scores stay as they are."""
    if freshness is Freshness.NONE:
        return list(hits)
    return sorted(hits, key=lambda hit: hit.score * freshness.factor(_age(hit, now)), reverse=True)


def _age(hit: Hit, now: datetime) -> timedelta | None:
    return None if hit.published_at is None else now - hit.published_at
