"""Runs are kept and compared; a worse one is not the new baseline, and a broken one is not compared."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import text
from tests.features.search.town import entry, put

from kunak.features.quality import service as quality
from kunak.features.quality.schemas import (
    Ask,
    Cited,
    Conditions,
    Expected,
    Given,
    NewQuestion,
    Origin,
    Outcome,
    Result,
    Run,
    RunState,
)
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import ConflictError, InvalidInputError, NotFoundError
from kunak.foundation.language.languages import Language

HERE = Conditions("1.0", "lexical", corpus_entries=20)
MEASURE = """
import asyncio, sys
from kunak.features.quality import service as quality
from kunak.features.quality.schemas import Conditions
from kunak.foundation.db.engine import create_engine, create_sessions

async def ask(question, language):
    print("asked", flush=True)
    await asyncio.Event().wait()

asyncio.run(quality.measure_answers(
    create_sessions(create_engine(sys.argv[1])), ask,
    origin=None, label="killed", conditions=Conditions("1.0", "lexical"), report=print,
))
"""


def silently(_stage: str, _done: int, _total: int | None) -> None:
    """Nobody looks on."""


def cite_right(number: int) -> str:
    return f"doc-{number}"


def asker(cite: Callable[[int], str | None] = cite_right, quote: str = "Дом") -> Ask:
    """Cites for question N what `cite` says, or finds nothing."""

    async def ask(question: str, _: Language) -> Given:
        reference = cite(int(question.rsplit(maxsplit=1)[-1]))
        if reference is None:
            return Given("", (), refused=True)
        return Given(quote, (Cited(reference, quote),), cost=Decimal("0.001"))

    return ask


def losing(lost: int) -> Ask:
    return asker(lambda number: "doc-99" if number <= lost else f"doc-{number}")


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    """Twenty houses, a question about each, and one about nothing."""
    await put(sessions, [entry(number, f"Дом номер {number} стоит у реки.") for number in [*range(1, 21), 99]])
    asked = [
        NewQuestion(f"Где дом {number}", Language.RUSSIAN, Expected((f"doc-{number}",)), Origin.HAND)
        for number in range(1, 21)
    ]
    async with sessions.begin() as session:
        await quality.add_questions(session, asked)
    return sessions


async def measure(
    sessions: Sessions, ask: Ask | None = None, *, label: str = "", forced_by: str | None = None
) -> Outcome:
    return await quality.measure_answers(
        sessions, ask or asker(), origin=None, label=label, conditions=HERE, report=silently, forced_by=forced_by
    )


async def runs(sessions: Sessions) -> list[Run]:
    async with sessions.begin() as session:
        return await quality.list_runs(session, limit=100)


async def test_a_run_says_how_right_how_well_borne_out_how_dear_and_how_fast(town: Sessions) -> None:
    outcome = await measure(town, losing(5), label="first")
    figures = outcome.run.figures
    assert (figures["asked"], figures["correctness"], figures["first_place"]) == (20, 0.75, 0.75)
    assert (figures["support"], figures["refusals"], figures["skipped"]) == (1, 0, 0)
    assert figures["cost"] == pytest.approx(0.02)
    assert 0 <= figures["p50_ms"] <= figures["p95_ms"]
    assert figures["by_language"]["ru"]["asked"] == figures["by_origin"]["hand"]["asked"] == 20
    assert (outcome.run.label, outcome.run.state, outcome.verdict) == ("first", RunState.FINISHED, None)
    assert (outcome.run.is_baseline, outcome.baseline) == (True, outcome.run.id)


async def test_right_may_be_to_find_nothing(town: Sessions) -> None:
    nothing = NewQuestion("Где дом 21", Language.RUSSIAN, Expected(unanswerable=True), Origin.HAND)
    async with town.begin() as session:
        await quality.add_questions(session, [nothing])
    outcome = await measure(town, asker(lambda number: f"doc-{number}" if number < 21 else None))
    assert (outcome.run.figures["correctness"], outcome.run.figures["first_place"]) == (1, 1)
    assert outcome.run.figures["refusals"] == pytest.approx(1 / 21, abs=1e-4)
    expectations = outcome.run.figures["by_expectation"]
    assert {name: each["asked"] for name, each in expectations.items()} == {"answerable": 20, "unanswerable": 1}


async def test_a_worse_run_is_refused_as_baseline_unless_forced(town: Sessions) -> None:
    first = await measure(town)
    worse = await measure(town, losing(5))
    assert worse.verdict is not None
    assert (worse.verdict.is_worse, worse.baseline) == (True, first.run.id)
    assert worse.verdict.score.mean == pytest.approx(-0.25)
    forced = await measure(town, losing(5), forced_by="alice")
    assert (forced.baseline, forced.run.is_baseline) == (forced.run.id, True)
    assert [each.is_baseline for each in await runs(town)] == [True, False, False]
    async with town() as session:
        event = (await session.execute(text("SELECT actor, what, thing, data FROM events"))).one()
    assert tuple(event) == ("alice", "baseline.forced", f"run:{forced.run.id}", {"over": first.run.id})


async def test_small_losses_do_not_add_up(town: Sessions) -> None:
    first = await measure(town)
    lower = await measure(town, losing(3))
    assert lower.verdict is not None
    assert (lower.verdict.is_worse, lower.baseline) == (False, first.run.id)
    lower_still = await measure(town, losing(6))
    assert lower_still.verdict is not None
    assert lower_still.verdict.is_worse


async def test_answers_that_their_sources_do_not_bear_out_are_worse_however_right(town: Sessions) -> None:
    await measure(town)
    invented = await measure(town, asker(quote="Дом у моря"))
    assert invented.verdict is not None
    assert (invented.verdict.score.mean, invented.verdict.support.mean) == (0, -1)
    assert invented.verdict.is_worse


async def test_two_runs_are_compared_question_by_question(town: Sessions) -> None:
    before, after = await measure(town), await measure(town, losing(2))
    async with town.begin() as session:
        [first, *_] = await quality.list_questions(session)
        await quality.remove_questions(session, [first.id])
    third = await measure(town, losing(0))
    async with town() as session:
        compared = await quality.compare_runs(session, before.run.id, after.run.id)
        narrower = await quality.compare_runs(session, after.run.id, third.run.id)
    assert [(each.question, each.cited_before, each.cited_after) for each in compared.worse] == [
        ("Где дом 1", ("doc-1",), ("doc-99",)),
        ("Где дом 2", ("doc-2",), ("doc-99",)),
    ]
    assert (compared.better, compared.only_before) == ((), 0)
    assert ([each.question for each in narrower.better], narrower.only_before) == (["Где дом 2"], 1)


async def test_another_expectation_makes_another_question(town: Sessions) -> None:
    await measure(town)
    changed = NewQuestion("Где дом 1", Language.RUSSIAN, Expected(("doc-2",)), Origin.HAND)
    async with town.begin() as session:
        await quality.add_questions(session, [changed])
    again = await measure(town)
    assert again.verdict is not None
    assert (again.verdict.score.pairs, again.verdict.is_lower) == (19, False)


async def test_documents_that_are_gone_are_not_held_against_a_run(town: Sessions) -> None:
    gone = NewQuestion("Где дом 50", Language.RUSSIAN, Expected(("doc-50",)), Origin.HAND)
    async with town.begin() as session:
        await quality.add_questions(session, [gone])
    assert (await measure(town)).run.figures["skipped"] == 1
    async with town.begin() as session:
        await session.execute(text("DELETE FROM search_entries"))
    with pytest.raises(InvalidInputError, match="None of the documents that 21 golden questions expect"):
        await measure(town)


async def test_without_questions_nothing_is_measured(sessions: Sessions) -> None:
    with pytest.raises(InvalidInputError, match="no active golden question"):
        await measure(sessions)
    assert await runs(sessions) == []


async def test_a_run_that_fails_or_is_broken_off_is_broken_and_not_compared(town: Sessions) -> None:
    whole = await measure(town)

    async def fail(_question: str, _language: Language) -> Given:
        raise ConflictError("Somebody pulled the plug.")

    with pytest.raises(ConflictError, match="plug"):
        await measure(town, fail)
    asked = asyncio.Event()

    async def wait(_question: str, _language: Language) -> Given:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(measure(town, wait))
    await asked.wait()
    assert next(each.state for each in await runs(town)) is RunState.RUNNING
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    broken, failed, _ = await runs(town)
    assert (broken.state, failed.state) == (RunState.BROKEN, RunState.BROKEN)
    async with town() as session:
        with pytest.raises(ConflictError, match="only finished runs"):
            await quality.compare_runs(session, whole.run.id, broken.id)


async def test_a_run_whose_process_was_killed_is_broken(town: Sessions, database_url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", MEASURE, database_url], stdout=subprocess.PIPE) as process:  # noqa: S603, ASYNC220  our own words, and it says one line
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == b"asked\n"
        assert [each.state for each in await runs(town)] == [RunState.RUNNING]
        process.send_signal(signal.SIGKILL)
    await _until_its_connections_are_gone(town)
    assert [(each.state, each.label) for each in await runs(town)] == [(RunState.BROKEN, "killed")]


async def _until_its_connections_are_gone(sessions: Sessions) -> None:
    """The server notices a dead client when it next reads from it; here we need not wait for that."""
    async with sessions() as session:
        await session.execute(
            text("""SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in%'""")
        )


async def test_two_runs_at_once_leave_one_baseline(town: Sessions) -> None:
    outcomes = await asyncio.gather(*(measure(town) for _ in range(3)))
    assert sum(each.is_baseline for each in await runs(town)) == 1
    assert {each.run.state for each in outcomes} == {RunState.FINISHED}


@pytest.mark.parametrize("number", [0, -1, 12345, 2**63])
async def test_a_run_that_is_not_there(town: Sessions, number: int) -> None:
    async with town() as session:
        with pytest.raises(NotFoundError, match=f"no run {number}"):
            await quality.get_run(session, number)


async def test_a_label_has_an_end(town: Sessions) -> None:
    with pytest.raises(InvalidInputError, match="200 characters"):
        await measure(town, label="x" * 201)
    assert await runs(town) == []


def test_settings_are_judged_by_what_was_measured_anywhere() -> None:
    """As whoever switches an embedder on does it: no database, two lists of results."""
    before = [Result(str(number), "?", "ru", 0.8, 1.0) for number in range(100)]
    after = [Result(str(number), "?", "ru", 0.8 - 0.3 * (number % 2), 1.0) for number in range(100)]
    assert quality.is_worse(before, after).is_worse
    assert not quality.is_worse(after, before).is_worse
    assert not quality.is_worse(before, before).is_lower
