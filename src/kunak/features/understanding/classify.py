"""Which intent the signs of a text speak for: a multinomial logistic regression.

scripts/train_understanding.py makes its weights.
"""

import base64
import json
import math
import struct
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kunak.features.understanding.schemas import Intent
from kunak.features.understanding.signs import Signs

INTENTS = tuple(Intent)
WEIGHTS = "weights.json"

_COURTESY_WORDS = """
    привет приветик здравствуй здравствуйте салам ассаламу алейкум доброе добрый доброго доброй утро утра день дня вечер
    вечера ночи спасибо спс благодарю благодарен пожалуйста пока прощай прощайте свидания ок окей ага угу понял понятно
    хорошо ясно круто супер hello hi hey there thanks thank thx you good morning day evening night bye goodbye ok okay
    great nice cool welcome please
"""
_COURTESY = frozenset(_COURTESY_WORDS.split())


@dataclass(frozen=True)
class Weights:
    """What was learnt: for every sign a small whole number per intent, in the order of INTENTS."""

    of: dict[str, tuple[int, ...]]
    of_none: tuple[float, ...]
    scale: float
    """What a whole number stands for; set so that confidence is right as often as it says."""


def classify(signs: Signs) -> dict[Intent, float]:
    """How likely each intent is; the sum is 1."""
    weights = _load_weights()
    scores = list(weights.of_none)
    for bag in (signs.pieces, signs.words):
        known = [found for sign in bag if (found := weights.of.get(sign))]
        if known:
            share = weights.scale / math.sqrt(len(bag))
            for at, column in enumerate(zip(*known, strict=True)):
                scores[at] += share * sum(column)
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    return {intent: power / sum(powers) for intent, power in zip(INTENTS, powers, strict=True)}


def knows_all_words(signs: Signs) -> bool:
    """Whether every word is one of courtesy, or weighs something as a word and not by its letters alone."""
    words = [sign[1:] for sign in signs.words if sign.startswith("=")]
    return all(word in _COURTESY or not word[0].isalpha() or _is_known(word) for word in words)


def _is_known(word: str) -> bool:
    of = _load_weights().of
    return any(sign in of for sign in (f"={word}", f"^ {word}", f"{word} $", f"^ * {word}"))


@cache
def _load_weights() -> Weights:
    """The weights shipped with the package, read once."""
    stored = json.loads(files(__package__).joinpath(WEIGHTS).read_text(encoding="utf-8"))
    numbers = struct.iter_unpack(f"{len(INTENTS)}b", base64.b64decode(stored["weights"]))
    return Weights(
        of=dict(zip(stored["signs"].split("\n"), numbers, strict=True)),
        of_none=tuple(stored["of_none"]),
        scale=stored["scale"],
    )
