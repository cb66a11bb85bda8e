"""`kunak eval …`: the quality lab."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli import golden
from kunak.cli.frame import data_dir_option, json_option, load_settings, run_on_database, run_work

if TYPE_CHECKING:
    from kunak.features.quality.schemas import Comparison, Outcome, Run
    from kunak.foundation.db.engine import Sessions
    from kunak.processes.evaluation.retrieval import Retrieval

WORSE = 3
"""The exit code when a run is worse than its baseline."""

label_option = click.option("--label", default="", help="What was tried; shown with the run.")
force_option = click.option("--force", is_flag=True, help="Make the run the baseline even when it is worse.")


@click.group(name="eval")
def evaluate() -> None:
    """Measure quality, keep what was measured, and compare. Nothing else of yours is touched."""


evaluate.add_command(golden.questions)


@evaluate.command()
@golden.set_option
@label_option
@force_option
@json_option
@data_dir_option
def answers(*, of: str, label: str, force: bool, as_json: bool, data_dir: Path | None) -> None:
    """Ask the golden questions: are the answers right, and do their sources bear them out? Ends with 3 when worse."""
    from kunak.features.quality.schemas import Origin
    from kunak.processes.equipment import open_equipment
    from kunak.processes.evaluation.answers import evaluate_answers
    from kunak.processes.evaluation.terminal import report_on_terminal

    settings = load_settings(data_dir=data_dir)
    origin = None if of == "all" else Origin(of)
    forced_by = _forced_by(force=force)

    async def work(sessions: "Sessions") -> "Outcome":
        async with open_equipment(settings, sessions, patient=True) as equipped:
            with report_on_terminal() as report:
                return await evaluate_answers(
                    sessions, equipped.search, origin=origin, label=label, report=report, forced_by=forced_by
                )

    outcome = run_on_database(settings, work)
    _tell_outcome(outcome, as_json=as_json)
    _end(outcome, force=force)


@evaluate.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="Which questions: qrels/SPLIT.tsv.")
@click.option(
    "--background", type=click.Path(path_type=Path), multiple=True, help="More documents to hide the right ones among."
)
@click.option(
    "--mode",
    type=click.Choice(["auto", "lexical", "hybrid"]),
    default="auto",
    show_default=True,
    help="With an embedder: as its self-check decides, never, or always.",
)
@click.option("--keep", is_flag=True, help="Keep what was measured as a run. Ends with 3 when worse than the baseline.")
@label_option
@force_option
@json_option
@data_dir_option
def retrieval(
    folder: Path,
    *,
    split: str,
    background: tuple[Path, ...],
    mode: str,
    keep: bool,
    label: str,
    force: bool,
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """How well search finds the right documents of FOLDER (corpus.jsonl, queries.jsonl, qrels/; plain or .gz).

    The documents go into a database of their own, which is dropped in the end.
    """
    from kunak.features.quality import service as quality
    from kunak.processes.database import open_server
    from kunak.processes.evaluation.models import open_models
    from kunak.processes.evaluation.retrieval import evaluate_retrieval
    from kunak.processes.evaluation.terminal import report_on_terminal

    quality.check_label(label)
    settings = load_settings(data_dir=data_dir)

    async def measure(_: object) -> "Retrieval":
        async with open_server(settings) as database, open_models(settings, mode) as models:
            with report_on_terminal() as report:
                return await evaluate_retrieval(
                    database.url, folder, split, background=background, report=report, models=models
                )

    measured = run_work(measure)
    figures = measured.as_json()
    click.echo(json.dumps(figures) if as_json else "\n".join(f"{name:10} {value}" for name, value in figures.items()))
    if keep:
        of = f"{folder.resolve().name}/{split}" + "".join(f"+{each.resolve().parent.name}" for each in background)
        outcome = _keep_retrieval(measured, of, data_dir, label=label, force=force)
        if not as_json:
            _tell_outcome(outcome, as_json=False)
        _end(outcome, force=force)


def _keep_retrieval(measured: "Retrieval", of: str, data_dir: Path | None, *, label: str, force: bool) -> "Outcome":
    from kunak.processes.evaluation.answers import keep_retrieval

    async def work(sessions: "Sessions") -> "Outcome":
        return await keep_retrieval(sessions, measured, of=of, label=label, forced_by=_forced_by(force=force))

    return run_on_database(load_settings(data_dir=data_dir), work)


@evaluate.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def stories(file: Path, *, as_json: bool) -> None:
    """How well pairs of articles that tell one event are told from others.

    FILE holds JSON lines (plain or .gz): `first` and `second`, each with `title` and `text`, and `same`.
    """
    from kunak.processes.evaluation.stories import evaluate_stories

    figures = evaluate_stories(file).as_json()
    click.echo(json.dumps(figures) if as_json else "\n".join(f"{name:20} {value}" for name, value in figures.items()))


@evaluate.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many at most.")
@json_option
@data_dir_option
def runs(*, limit: int, as_json: bool, data_dir: Path | None) -> None:
    """Show what was measured, the latest first."""
    from kunak.features.quality import service as quality
    from kunak.processes.evaluation.describe import describe_run

    async def work(sessions: "Sessions") -> "list[Run]":
        async with sessions.begin() as session:
            return await quality.list_runs(session, limit=limit)

    found = run_on_database(load_settings(data_dir=data_dir), work)
    if as_json:
        click.echo(json.dumps([each.to_json() for each in found], ensure_ascii=False))
    else:
        click.echo("\n".join(map(describe_run, found)) or "Nothing was measured yet.")


@evaluate.command()
@click.argument("before", type=int)
@click.argument("after", type=int)
@json_option
@data_dir_option
def compare(before: int, after: int, *, as_json: bool, data_dir: Path | None) -> None:
    """Hold run AFTER against run BEFORE, question by question."""
    from kunak.features.quality import service as quality
    from kunak.processes.evaluation.describe import describe_comparison

    async def work(sessions: "Sessions") -> "Comparison":
        async with sessions() as session:
            return await quality.compare_runs(session, before, after)

    compared = run_on_database(load_settings(data_dir=data_dir), work)
    click.echo(json.dumps(compared.to_json(), ensure_ascii=False) if as_json else describe_comparison(compared))


def _forced_by(*, force: bool) -> str | None:
    return "command line" if force else None


def _tell_outcome(outcome: "Outcome", *, as_json: bool) -> None:
    from kunak.processes.evaluation.describe import describe_outcome

    click.echo(json.dumps(outcome.to_json(), ensure_ascii=False) if as_json else describe_outcome(outcome))


def _end(outcome: "Outcome", *, force: bool) -> None:
    if outcome.verdict is not None and outcome.verdict.is_worse and not force:
        click.get_current_context().exit(WORSE)
