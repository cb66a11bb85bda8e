"""What many results come to."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from math import ceil
from statistics import fmean
from typing import Any

import orjson

from kunak.features.quality.fold import fold_text
from kunak.features.quality.schemas import Conditions, Expected, Result, Verdict
from kunak.foundation.paired import compare_pairs

_TOO_UNLIKELY = 0.05
"""A loss that luck would bring less often than this is one."""


def sum_up(results: Sequence[Result]) -> dict[str, Any]:
    """Means, and the same by what is expected, language, origin and way of making. There must be a result."""
    return {
        **_means(results),
        "by_expectation": _means_by(results, _expectation),
        "by_language": _means_by(results, lambda each: each.language),
        "by_origin": _means_by(results, lambda each: each.origin),
        "by_way": _means_by(results, lambda each: each.way),
    }


def _expectation(result: Result) -> str:
    return "unanswerable" if result.first_place is None else "answerable"


def _means_by(results: Iterable[Result], name: Callable[[Result], str | None]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Result]] = defaultdict(list)
    for each in results:
        if (group := name(each)) is not None:
            groups[group].append(each)
    return {group: _means(groups[group]) for group in sorted(groups)}


def _means(results: Sequence[Result]) -> dict[str, Any]:
    times = sorted(each.took_ms for each in results)
    return {
        "asked": len(results),
        "correctness": _mean([each.score for each in results]),
        "first_place": _mean([each.first_place for each in results]),
        "support": _mean([each.support for each in results]),
        "refusals": _mean([each.refused for each in results]),
        "cost": float(sum(each.cost for each in results)),
        "p50_ms": _percentile(times, 0.50),
        "p95_ms": _percentile(times, 0.95),
    }


def _mean(values: Iterable[float | None]) -> float | None:
    """Of those that are there; None when none is."""
    there = [float(value) for value in values if value is not None]
    return round(fmean(there), 4) if there else None


def _percentile(times: Sequence[float], part: float) -> float:
    """`times` in order."""
    return round(times[max(ceil(part * len(times)), 1) - 1], 2)


def pair(before: Iterable[Result], after: Iterable[Result]) -> list[tuple[Result, Result]]:
    """The results of the questions that both answered."""
    known = {each.key: each for each in before}
    return [(known[each.key], each) for each in after if each.key in known]


def is_worse(baseline: Iterable[Result], candidate: Iterable[Result]) -> Verdict:
    """Whether `candidate` is worse than `baseline`, over the questions (keys) that both have.

    It is when its score or its support is lower, and a loss of that size would come by luck in less than one of twenty
    comparisons. With few common questions only a great loss is certain: four questions lost and none won may be luck,
    five may not.
    """
    pairs = pair(baseline, candidate)
    score = compare_pairs([one.score for one, _ in pairs], [other.score for _, other in pairs])
    borne = [(one.support, other.support) for one, other in pairs]
    both = [(one, other) for one, other in borne if one is not None and other is not None]
    support = compare_pairs([one for one, _ in both], [other for _, other in both])
    return Verdict(score, support, any(each.mean < 0 and each.luck < _TOO_UNLIKELY for each in (score, support)))


def name_question(text: str) -> bytes:
    """What tells a question from others, however it is spelt."""
    return hashlib.sha256(fold_text(text).encode()).digest()


def name_result(text: str, expected: Expected) -> str:
    """The key of its results: another expectation makes another question of it."""
    expectation = [sorted(expected.references), sorted(map(fold_text, expected.answers)), expected.unanswerable]
    return hashlib.sha256(orjson.dumps([fold_text(text), *expectation])).hexdigest()[:32]


def name_set(keys: Iterable[str]) -> str:
    """The fingerprint of a set of questions."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:16]


def name_settings(conditions: Conditions) -> str:
    """The fingerprint of what a person set, without the size of the corpus."""
    settings = {name: value for name, value in asdict(conditions).items() if name != "corpus_entries"}
    return hashlib.sha256(orjson.dumps(settings, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
