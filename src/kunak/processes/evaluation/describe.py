"""Runs, comparisons and golden questions in words for the terminal."""

from collections.abc import Iterable, Iterator
from typing import Any

from kunak.features.quality.schemas import Change, Comparison, GoldenQuestion, Kept, Outcome, Run, RunKind, Verdict
from kunak.foundation.paired import Difference

_SHOWN_CHANGES = 20
_SHOWN_CITATIONS = 3
_SHOWN_MISSING = 5
_QUESTION_LENGTH = 90


def describe_kept(kept: Kept) -> str:
    said = f"{kept.added} added, {kept.changed} changed, {kept.unchanged} unchanged"
    if not kept.missing:
        return said
    some = ", ".join(kept.missing[:_SHOWN_MISSING]) + (", …" if len(kept.missing) > _SHOWN_MISSING else "")
    return f"{said}\nNot in the index, so that questions which expect nothing else are left out: {some}"


def describe_question(question: GoldenQuestion) -> str:
    expected = question.expected
    right = "nothing is to be found" if expected.unanswerable else "; ".join(expected.references + expected.answers)
    waits = "" if question.active else "  (inactive: say what is right)"
    return f"{question.id:>5}  {question.origin:8}  {_shorten(question.text)}  → {right or '?'}{waits}"


def describe_run(run: Run) -> str:
    figures = run.figures
    score = figures.get("correctness" if run.kind is RunKind.ANSWERS else "ndcg@10")
    mark = "baseline" if run.is_baseline else ""
    of = f"{run.kind}:{run.set}"
    return (
        f"{run.id:>5}  {run.started_at:%Y-%m-%d %H:%M}  {of:28}  {run.state:8}  {_part(score)}  "
        f"{run.conditions.get('mode', '')}  {mark:8}  {run.label}"
    ).rstrip()


def describe_outcome(outcome: Outcome) -> str:
    run = outcome.run
    lines = [f"Run {run.id}, {run.kind} of the set {run.set}{f', “{run.label}”' if run.label else ''}"]
    lines += _describe_answers(run.figures) if run.kind is RunKind.ANSWERS else []
    return "\n".join([*lines, *_describe_baseline(outcome)])


def _describe_answers(figures: dict[str, Any]) -> Iterator[str]:
    yield f"  {'':16}  asked  correct  first  support  refused    p50 ms    p95 ms  cost"
    yield _row("all", figures)
    for by in ("by_expectation", "by_language", "by_origin", "by_way"):
        groups = figures[by]
        yield from (_row(name, groups[name]) for name in groups)
    if figures["skipped"]:
        yield f"  {figures['skipped']} questions were left out: none of the documents they expect is in the index."


def _row(name: str, figures: dict[str, Any]) -> str:
    parts = [_part(figures[each]) for each in ("correctness", "first_place", "support", "refusals")]
    return (
        f"  {name:16}  {figures['asked']:>5}    {parts[0]}   {parts[1]}     {parts[2]}     {parts[3]}  "
        f"{figures['p50_ms']:>8.1f}  {figures['p95_ms']:>8.1f}  {figures['cost']:.2f}"
    )


def _describe_baseline(outcome: Outcome) -> Iterator[str]:
    verdict, run = outcome.verdict, outcome.run
    if verdict is not None:
        yield from describe_verdict(verdict)
    if outcome.baseline == run.id:
        yield "This run is the baseline now."
    elif verdict is not None and verdict.is_worse:
        yield f"WORSE than the baseline, run {outcome.baseline}, which stays. --force makes this one the baseline."
    else:
        yield f"Lower than the baseline, run {outcome.baseline}, by no more than luck may bring; that one stays."


def describe_verdict(verdict: Verdict) -> Iterator[str]:
    yield f"Over {verdict.score.pairs} common questions:"
    yield f"  score    {_difference(verdict.score)}"
    if verdict.support.pairs:
        yield f"  support  {_difference(verdict.support)}"


def _difference(difference: Difference) -> str:
    between = f"95 % of cases between {difference.low:+.4f} and {difference.high:+.4f}"
    luck = f"; by luck in {difference.luck:.1%} of cases" if difference.mean < 0 else ""
    return f"{difference.mean:+.4f} ({between}{luck})"


def describe_comparison(comparison: Comparison) -> str:
    before, after = comparison.before, comparison.after
    lines = [describe_run(before), describe_run(after), *describe_verdict(comparison.verdict)]
    if only := comparison.only_before + comparison.only_after:
        lines.append(f"  {only} questions stand in one of both only, or with another expectation.")
    lines += _describe_conditions(before, after)
    lines += _describe_changes("Got worse", comparison.worse)
    lines += _describe_changes("Got better", comparison.better)
    return "\n".join(lines)


def _describe_conditions(before: Run, after: Run) -> Iterator[str]:
    for name in sorted(before.conditions.keys() | after.conditions.keys()):
        one, other = before.conditions.get(name), after.conditions.get(name)
        if one != other:
            yield f"  {name}: {one} → {other}"


def _describe_changes(title: str, changes: tuple[Change, ...]) -> Iterator[str]:
    if changes:
        yield f"{title}: {len(changes)}"
    for each in changes[:_SHOWN_CHANGES]:
        yield f"  {each.before:.2f} → {each.after:.2f}  {_shorten(each.question)}"
        yield f"      {_cited(each.cited_before)}  →  {_cited(each.cited_after)}"
    if len(changes) > _SHOWN_CHANGES:
        yield f"  … and {len(changes) - _SHOWN_CHANGES} more; --json shows all."


def _cited(references: Iterable[str]) -> str:
    return ", ".join(list(references)[:_SHOWN_CITATIONS]) or "nothing"


def _part(value: float | None) -> str:
    return "  –  " if value is None else f"{value:.3f}"


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUESTION_LENGTH else line[: _QUESTION_LENGTH - 1] + "…"
