"""The shapes that enter and leave the quality lab."""

from kunak.features.quality.schemas.questions import (
    Ask,
    Cited,
    Expected,
    Given,
    GoldenQuestion,
    Kept,
    NewQuestion,
    Origin,
    Report,
)
from kunak.features.quality.schemas.runs import (
    Change,
    Comparison,
    Conditions,
    Outcome,
    Result,
    Run,
    RunKind,
    RunState,
    Verdict,
)

__all__ = [
    "Ask",
    "Change",
    "Cited",
    "Comparison",
    "Conditions",
    "Expected",
    "Given",
    "GoldenQuestion",
    "Kept",
    "NewQuestion",
    "Origin",
    "Outcome",
    "Report",
    "Result",
    "Run",
    "RunKind",
    "RunState",
    "Verdict",
]
