"""Runs, what came of each question, and how two of them differ."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kunak.foundation.paired import Difference


class RunKind(StrEnum):
    """What a run measured."""

    ANSWERS = "answers"
    RETRIEVAL = "retrieval"


class RunState(StrEnum):
    """How far a run is. Only finished ones are compared."""

    RUNNING = "running"
    FINISHED = "finished"
    BROKEN = "broken"


@dataclass(frozen=True)
class Conditions:
    """Everything about the installation that decides how good its answers are."""

    version: str
    mode: str
    embedder: str | None = None
    reranker: str | None = None
    prompt: str | None = None
    """The prompt and its version."""
    model: str | None = None
    corpus_entries: int = 0
    """The size of the index; it does not belong to the settings, but explains differences."""


@dataclass(frozen=True)
class Result:
    """How one question was answered. Scores are 0 to 1."""

    key: str
    """Names question and expectation: results of two runs with the same key may be compared."""
    question: str
    language: str
    score: float
    """Of an answer: right (1) or wrong (0). Of a ranking: nDCG@10."""
    took_ms: float
    cited: tuple[str, ...] = ()
    """What was cited, or found (the first ten)."""
    origin: str | None = None
    way: str | None = None
    support: float | None = None
    """Part of what is said that its citations bear out; None when nothing was said."""
    first_place: bool | None = None
    """Whether the first citation alone is right; None where right is to find nothing."""
    refused: bool = False
    """It was said that nothing was found."""
    cost: Decimal = Decimal(0)


@dataclass(frozen=True)
class Run:
    """One measurement that was kept."""

    id: int
    kind: RunKind
    set: str
    """Which questions: `all`, `hand`, …; of a ranking the folder and split."""
    label: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    conditions: dict[str, Any]
    settings_fingerprint: str
    questions_fingerprint: str
    figures: dict[str, Any]
    is_baseline: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "run": self.id,
            "kind": self.kind.value,
            "set": self.set,
            "label": self.label,
            "state": self.state.value,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at and self.finished_at.isoformat(),
            "conditions": self.conditions,
            "settings_fingerprint": self.settings_fingerprint,
            "questions_fingerprint": self.questions_fingerprint,
            "figures": self.figures,
            "is_baseline": self.is_baseline,
        }


@dataclass(frozen=True)
class Verdict:
    """Whether a candidate is worse than what it would replace."""

    score: Difference
    support: Difference
    is_worse: bool
    """One of both is lower, by more than luck would make likely."""

    @property
    def is_lower(self) -> bool:
        """One of both is lower, by however little."""
        return self.score.mean < 0 or self.support.mean < 0

    def to_json(self) -> dict[str, Any]:
        return {
            "common": self.score.pairs,
            "score": _difference(self.score),
            "support": _difference(self.support),
            "worse": self.is_worse,
        }


def _difference(difference: Difference) -> dict[str, float | int]:
    figures = {name: round(getattr(difference, name), 4) for name in ("mean", "low", "high", "luck")}
    return {"pairs": difference.pairs, **figures}


@dataclass(frozen=True)
class Change:
    """A question that two runs answered differently well."""

    question: str
    before: float
    after: float
    cited_before: tuple[str, ...]
    cited_after: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "before": round(self.before, 4),
            "after": round(self.after, 4),
            "cited_before": list(self.cited_before),
            "cited_after": list(self.cited_after),
        }


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side, over the questions that both answered."""

    before: Run
    after: Run
    verdict: Verdict
    worse: tuple[Change, ...]
    """The greatest loss first."""
    better: tuple[Change, ...]
    only_before: int
    """Questions that only the first run has, or has with another expectation."""
    only_after: int

    def to_json(self) -> dict[str, Any]:
        return {
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            **self.verdict.to_json(),
            "got_worse": [each.to_json() for each in self.worse],
            "got_better": [each.to_json() for each in self.better],
            "only_before": self.only_before,
            "only_after": self.only_after,
        }


@dataclass(frozen=True)
class Outcome:
    """A finished run, and what it means for its baseline."""

    run: Run
    verdict: Verdict | None
    """Against the baseline there was; None when there was none."""
    baseline: int
    """The run that is the baseline now."""

    def to_json(self) -> dict[str, Any]:
        against = None if self.verdict is None else self.verdict.to_json()
        return {**self.run.to_json(), "against_baseline": against, "baseline": self.baseline}
