"""`kunak eval …`: the quality lab."""

import json
from pathlib import Path

import click

from kunak.cli.frame import data_dir_option, json_option, load_settings, run_work


@click.group(name="eval")
def evaluate() -> None:
    """Measure quality. Nothing of yours is touched: each measurement has a database of its own."""


@evaluate.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="Which questions: qrels/SPLIT.tsv.")
@click.option(
    "--background", type=click.Path(path_type=Path), multiple=True, help="More documents to hide the right ones among."
)
@json_option
@data_dir_option
def retrieval(folder: Path, *, split: str, background: tuple[Path, ...], as_json: bool, data_dir: Path | None) -> None:
    """How well search finds the right documents of FOLDER (corpus.jsonl, queries.jsonl, qrels/; plain or .gz)."""
    from kunak.processes.database import open_server
    from kunak.processes.evaluation.retrieval import evaluate_retrieval
    from kunak.processes.evaluation.terminal import report_on_terminal

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        async with open_server(settings) as database:
            with report_on_terminal() as report:
                done = await evaluate_retrieval(database.url, folder, split, background=background, report=report)
        figures = done.as_json()
        click.echo(
            json.dumps(figures) if as_json else "\n".join(f"{name:10} {value}" for name, value in figures.items())
        )

    run_work(work)
