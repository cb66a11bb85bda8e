"""`kunak search vectors …`."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import data_dir_option, json_option, load_settings, run_work

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.progress import Progress, TaskID

    from kunak.features.search.schemas import CopyProgress, EmbedderCheck
    from kunak.features.search.service import EmbeddingReport


@click.group()
def vectors() -> None:
    """See to the vectors by which search finds what is meant; they need an embedder."""


@vectors.command()
@json_option
@data_dir_option
def show(*, as_json: bool, data_dir: Path | None) -> None:
    """Tell how far they have come, where they are searched, and in which languages they proved helpful."""
    from kunak.features.search.service import list_progress
    from kunak.processes.commands.vectors import describe, open_vectors

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        async with open_vectors(settings) as opened:
            state, copies = await opened.get_state(), await list_progress(opened.sessions)
            shown = describe(state, copies, embedder=opened.embedder)
        if as_json:
            click.echo(json.dumps(shown))
            return
        for name, value in shown.items():
            if name not in ("checks", "copies"):
                click.echo(f"{name:10} {'–' if value is None else value}")
        for copy in shown.get("copies", []):
            click.echo("copy       " + ", ".join(f"{name} {value}" for name, value in copy.items()))
        _tell(state.checks if state else ())

    run_work(work)


@vectors.command()
@data_dir_option
def make(data_dir: Path | None) -> None:
    """Make those that are missing. When broken off, run it again; a running Kunak does it by itself."""
    from kunak.processes.commands.vectors import open_vectors

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        async with open_vectors(settings) as opened:
            with _report_on_terminal() as report:
                made, checks = await opened.make(report)
        click.echo(f"{made} vectors were made.")
        _tell(checks)

    run_work(work)


@vectors.command()
@json_option
@data_dir_option
def check(*, as_json: bool, data_dir: Path | None) -> None:
    """Ask questions made from the corpus with and without them; where they do not help they have no say."""
    from kunak.processes.commands.vectors import describe_check, open_vectors

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        async with open_vectors(settings) as opened:
            checks = await opened.check()
        if as_json:
            click.echo(json.dumps([describe_check(each) for each in checks]))
        elif not checks:
            click.echo("There is too little to ask about in any language; search stays by words.")
        else:
            _tell(checks)

    run_work(work)


@vectors.command()
@data_dir_option
def forget(data_dir: Path | None) -> None:
    """Throw away the vectors of models that are used no more; to return to one is then to make its vectors anew."""
    from kunak.processes.commands.vectors import open_vectors

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        async with open_vectors(settings) as opened:
            gone = await opened.forget()
        click.echo(f"Forgotten: {', '.join(gone)}." if gone else "There are no vectors of other models.")

    run_work(work)


def _tell(checks: "Iterable[EmbedderCheck]") -> None:
    for each in checks:
        verdict = "helps" if each.is_helpful else "does not help"
        figures = f"nDCG@10 {each.lexical_ndcg:.4f} by words, {each.hybrid_ndcg:.4f} with vectors"
        click.echo(f"{each.language}: {verdict} ({figures}, {each.questions} questions)")


@vectors.command()
@click.argument("place", type=click.Choice(["qdrant", "postgres"]))
@data_dir_option
def use(place: str, data_dir: Path | None) -> None:
    """Have them searched in Qdrant, as soon as it has a copy of them all; or in PostgreSQL again, at once.

    When broken off, a running Kunak goes on, or run it again.
    """
    from kunak.processes.commands.vector_copies import open_copies

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        async with open_copies(settings) as copies:
            with _report_copying() as report:
                said = await (copies.use_qdrant(report) if place == "qdrant" else copies.use_postgres())
        click.echo(said)

    run_work(work)


@contextmanager
def _report_copying() -> "Iterator[Callable[[CopyProgress], None]]":
    with _progress("Copied") as (progress, bar):
        yield lambda copy: progress.update(bar, completed=copy.copied, total=copy.vectors)


@contextmanager
def _report_on_terminal() -> "Iterator[EmbeddingReport]":
    with _progress("Vectors") as (progress, bar):
        yield lambda made, awaited: progress.update(bar, completed=made, total=made + awaited)


@contextmanager
def _progress(words: str) -> "Iterator[tuple[Progress, TaskID]]":
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield progress, progress.add_task(words, total=None)
