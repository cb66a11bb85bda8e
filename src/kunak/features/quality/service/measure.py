"""Questions are asked, and their answers judged."""

import time
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.quality.figures import name_result, sum_up
from kunak.features.quality.judge import Texts, is_right, is_right_at_once, measure_support
from kunak.features.quality.repository import questions, runs
from kunak.features.quality.schemas import (
    Ask,
    Conditions,
    Expected,
    Given,
    GoldenQuestion,
    Origin,
    Outcome,
    Report,
    Result,
    RunKind,
)
from kunak.features.quality.service.runs import begun_run, finish_run
from kunak.features.search import service as search
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import InvalidInputError

_BATCH = 200
"""Questions whose answers are judged together: to look up what they cite, the whole index is read."""
ALL = "all"


async def measure_answers(
    sessions: Sessions,
    ask: Ask,
    *,
    origin: Origin | None,
    label: str,
    conditions: Conditions,
    report: Report,
    forced_by: str | None = None,
) -> Outcome:
    """Ask the active golden questions (of one origin, or all), and keep what came of it as a run.

    `forced_by`: who makes the run the baseline even when it is worse. Left out, and counted as `skipped`, are questions
    none of whose expected documents is in the index.

    Raises:
        InvalidInputError: there is nothing to ask.
    """
    async with sessions() as session:
        asked, skipped = await _choose(session, origin)
    keys = [name_result(each.text, each.expected) for each in asked]
    of = origin.value if origin else ALL
    results: list[Result] = []
    async with begun_run(sessions, RunKind.ANSWERS, of=of, label=label, conditions=conditions, keys=keys) as run_id:
        for start in range(0, len(asked), _BATCH):
            batch = asked[start : start + _BATCH]
            given = [await _ask(ask, each, report, (start + place, len(asked))) for place, each in enumerate(batch, 1)]
            async with sessions.begin() as session:
                judged = await _judge(session, batch, given)
                await runs.add_results(session, run_id, judged)
            results += judged
        async with sessions.begin() as session:
            return await finish_run(session, run_id, {**sum_up(results), "skipped": skipped}, forced_by=forced_by)


async def _choose(session: AsyncSession, origin: Origin | None) -> tuple[list[GoldenQuestion], int]:
    """What is to be asked, and how many are not."""
    active = await questions.list_questions(session, origin, only_active=True)
    references = {reference for each in active for reference in each.expected.references}
    present = await search.list_texts(session, sorted(references))
    asked = [each for each in active if _has_answer(each.expected, present)]
    if not asked:
        raise InvalidInputError(_nothing_to_ask(origin, len(active)))
    return asked, len(active) - len(asked)


def _has_answer(expected: Expected, present: Texts) -> bool:
    return not expected.references or any(each in present for each in expected.references)


def _nothing_to_ask(origin: Origin | None, active: int) -> str:
    if active:
        return f"None of the documents that {active} golden questions expect is in the index."
    which = f"golden question of the origin {origin}" if origin else "golden question"
    return f"There is no active {which}. `kunak eval questions` adds, imports and makes some."


async def _ask(ask: Ask, question: GoldenQuestion, report: Report, progress: tuple[int, int]) -> tuple[Given, float]:
    """The answer, and the milliseconds it took."""
    started = time.perf_counter()
    given = await ask(question.text, question.language)
    took_ms = (time.perf_counter() - started) * 1000
    report("Asking questions", *progress)
    return given, took_ms


async def _judge(
    session: AsyncSession, asked: Sequence[GoldenQuestion], given: Sequence[tuple[Given, float]]
) -> list[Result]:
    cited = {each.reference for answer, _ in given for each in answer.citations}
    texts = await search.list_texts(session, sorted(cited))
    return [_result(question, *each, texts) for question, each in zip(asked, given, strict=True)]


def _result(question: GoldenQuestion, given: Given, took_ms: float, texts: Texts) -> Result:
    return Result(
        key=name_result(question.text, question.expected),
        question=question.text,
        language=question.language.value,
        score=float(is_right(question.expected, given)),
        took_ms=took_ms,
        cited=tuple(each.reference for each in given.citations),
        origin=question.origin.value,
        way=question.way,
        support=measure_support(given, texts),
        first_place=is_right_at_once(question.expected, given),
        refused=given.refused,
        cost=given.cost,
    )
