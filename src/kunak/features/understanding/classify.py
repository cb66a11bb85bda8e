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
