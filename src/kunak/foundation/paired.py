"""Two ways of doing the same work, compared piece by piece: is the second worse, or was it luck?"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

_DRAWS = 2000
_SEED = 20_261_120
"""The same figures lead to the same verdict."""
_TAIL = 0.025


@dataclass(frozen=True)
class Difference:
    """What the second way scores more than the first, as a mean over pairs; below 0 it is lower."""

    pairs: int
    mean: float
    low: float
    """With `high`: where the true mean lies in 95 of 100 cases, by a paired bootstrap."""
    high: float
    luck: float
    """How likely a loss of this size is when both are equally good, 0 to 1, by flipping the signs of the pairs.

    1 when nothing is lost. For scores of 0 and 1 this is the sign test.
    """


def compare_pairs(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Scores of the same things, in the same order. Without a pair nothing differs, and nothing is known."""
    differences = [after - before for before, after in zip(first, second, strict=True)]
    if not any(differences):
        return Difference(len(differences), 0.0, 0.0, 0.0, 1.0)
    mean = fmean(differences)
    low, high = _interval(differences)
    return Difference(len(differences), mean, low, high, _luck(differences) if mean < 0 else 1.0)


def _interval(differences: Sequence[float]) -> tuple[float, float]:
    rng = Random(_SEED)  # noqa: S311  to be repeated, not to be secret
    means = sorted(fmean(rng.choices(differences, k=len(differences))) for _ in range(_DRAWS))
    return means[round(_TAIL * _DRAWS)], means[round((1 - _TAIL) * _DRAWS) - 1]


def _luck(differences: Sequence[float]) -> float:
    """The part of all ways to flip signs that loses as much; counted for few pairs, drawn for many."""
    changed = [abs(each) for each in differences if each]
    lost = sum(differences) + 1e-9 * len(changed)
    if 2 ** len(changed) <= _DRAWS:
        flips = [_flipped(changed, signs) for signs in range(2 ** len(changed))]
        return sum(each <= lost for each in flips) / len(flips)
    rng = Random(_SEED)  # noqa: S311  as above
    drawn = [_flipped(changed, rng.getrandbits(len(changed))) for _ in range(_DRAWS)]
    return (sum(each <= lost for each in drawn) + 1) / (_DRAWS + 1)


def _flipped(sizes: Sequence[float], signs: int) -> float:
    """The sum of `sizes`, each below 0 whose bit is set."""
    return sum(-size if signs >> place & 1 else size for place, size in enumerate(sizes))
