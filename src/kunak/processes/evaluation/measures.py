"""How good a ranking is, by the measures of the field: 0 to 1, means over questions."""

from collections.abc import Mapping, Sequence
from math import ceil, log2

Ranking = Sequence[str]
Grades = Mapping[str, int]


def ndcg(ranking: Ranking, grades: Grades, cut: int) -> float:
    """Normalised discounted cumulative gain with linear gains, as trec_eval counts it."""
    gained = sum(grades.get(document, 0) / log2(place + 1) for place, document in enumerate(ranking[:cut], start=1))
    best = sorted(grades.values(), reverse=True)[:cut]
    return gained / sum(grade / log2(place + 1) for place, grade in enumerate(best, start=1))


def recall(ranking: Ranking, grades: Grades, cut: int) -> float:
    """Part of the right documents that stands before the cut."""
    return len(grades.keys() & set(ranking[:cut])) / len(grades)


def reciprocal_rank(ranking: Ranking, grades: Grades, cut: int) -> float:
    """1 / place of the first right document; 0 when it stands behind the cut."""
    return next((1 / place for place, document in enumerate(ranking[:cut], start=1) if document in grades), 0.0)


def percentile(times: Sequence[float], part: float) -> float:
    """The smallest of `times` that at least `part` of them do not exceed."""
    return sorted(times)[max(ceil(part * len(times)), 1) - 1]
