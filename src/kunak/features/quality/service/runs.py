"""Runs: what was measured is kept, compared, and held against a baseline."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.quality.figures import is_worse, name_set, name_settings, pair
from kunak.features.quality.repository import runs as repository
from kunak.features.quality.schemas import (
    Change,
    Comparison,
    Conditions,
    Outcome,
    Result,
    Run,
    RunKind,
    RunState,
)
from kunak.foundation.db.engine import Sessions
from kunak.foundation.db.events import record_event
from kunak.foundation.errors import ConflictError, InvalidInputError, NotFoundError

_LONGEST_LABEL = 200


@asynccontextmanager
async def begun_run(
    sessions: Sessions, kind: RunKind, *, of: str, label: str, conditions: Conditions, keys: Sequence[str]
) -> AsyncIterator[int]:
    """A run for the block to measure, and to finish; one that the block does not finish is broken.

    `of`: which set of questions; runs of one kind and set share a baseline.

    Raises:
        InvalidInputError: the label is too long.
    """
    check_label(label)
    async with sessions() as holding:
        async with sessions.begin() as session:
            run_id = await repository.add_run(
                session,
                kind=kind,
                of=of,
                label=label,
                conditions=conditions,
                settings_fingerprint=name_settings(conditions),
                questions_fingerprint=name_set(keys),
            )
            # Before anybody can see the run: they might take it for one whose process was killed.
            await repository.hold_run(holding, run_id)
        try:
            yield run_id
        finally:
            async with sessions.begin() as session:
                await repository.break_run(session, run_id)


def check_label(label: str) -> None:
    """
    Raises:
        InvalidInputError: it is too long to be one.
    """
    if len(label) > _LONGEST_LABEL or "\0" in label:
        raise InvalidInputError(f"A label has at most {_LONGEST_LABEL} characters.")


async def finish_run(session: AsyncSession, run_id: int, figures: dict[str, Any], *, forced_by: str | None) -> Outcome:
    """The run is whole; in the caller's transaction it is held against its baseline.

    It becomes the baseline itself when there is none, when none of its questions is among the baseline's, when neither
    its score nor its support is lower, or when somebody forces it. A loss too small to be certain keeps the old one
    too: many small losses would add up.

    Raises:
        ConflictError: it is not running any more.
    """
    await repository.lock_baselines(session)
    if not await repository.finish_run(session, run_id, figures):
        raise ConflictError(f"Run {run_id} was taken for broken by somebody else; measure again.")
    run = await get_run(session, run_id)
    baseline = await repository.get_baseline(session, run.kind, run.set)
    verdict = None
    if baseline is not None:
        verdict = is_worse(*await _list_both(session, baseline, run))
        if verdict.is_lower:
            if forced_by is None:
                return Outcome(run, verdict, baseline.id)
            record_event(session, actor=forced_by, what="baseline.forced", thing=f"run:{run_id}", over=baseline.id)
    await repository.set_baseline(session, run)
    return Outcome(await get_run(session, run_id), verdict, run_id)


async def _list_both(session: AsyncSession, before: Run, after: Run) -> tuple[list[Result], list[Result]]:
    return await repository.list_results(session, before.id), await repository.list_results(session, after.id)


async def get_run(session: AsyncSession, run_id: int) -> Run:
    """
    Raises:
        NotFoundError: there is none.
    """
    run = await repository.get_run(session, run_id) if 0 < run_id < 2**63 else None
    if run is None:
        raise NotFoundError(f"There is no run {run_id}.")
    return run


async def list_runs(session: AsyncSession, *, limit: int) -> list[Run]:
    """The latest first. Those whose process was killed are broken from now on."""
    await repository.break_left_runs(session)
    return await repository.list_runs(session, limit=limit)


async def compare_runs(session: AsyncSession, before_id: int, after_id: int) -> Comparison:
    """Two runs, over the questions that both have with the same expectation.

    Raises:
        NotFoundError: there is no such run.
        InvalidInputError: they did not measure the same kind of thing.
        ConflictError: one was not finished.
    """
    before, after = await _get_finished(session, before_id), await _get_finished(session, after_id)
    if before.kind != after.kind:
        raise InvalidInputError(f"Run {before.id} measured {before.kind}, run {after.id} {after.kind}.")
    results = await _list_both(session, before, after)
    pairs = pair(*results)
    return Comparison(
        before,
        after,
        is_worse(*results),
        worse=tuple(_change(*each) for each in sorted(pairs, key=_gain) if _gain(each) < 0),
        better=tuple(_change(*each) for each in sorted(pairs, key=_gain, reverse=True) if _gain(each) > 0),
        only_before=len(results[0]) - len(pairs),
        only_after=len(results[1]) - len(pairs),
    )


async def _get_finished(session: AsyncSession, run_id: int) -> Run:
    run = await get_run(session, run_id)
    if run.state is not RunState.FINISHED:
        raise ConflictError(f"Run {run_id} is {run.state}: only finished runs are compared.")
    return run


def _gain(results: tuple[Result, Result]) -> float:
    return results[1].score - results[0].score


def _change(before: Result, after: Result) -> Change:
    return Change(after.question, before.score, after.score, before.cited, after.cited)
