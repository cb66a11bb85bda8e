"""`kunak import`, `kunak ask`, `kunak understand` and `kunak search …`."""

import dataclasses
import json
from pathlib import Path

import click

from kunak.cli.frame import data_dir_option, json_option, load_settings, run_work
from kunak.cli.vectors import vectors


@click.command(name="import")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--source", help="Where the documents come from [the file's name, the channel's title].")
@json_option
@data_dir_option
def import_documents(files: tuple[Path, ...], *, source: str | None, as_json: bool, data_dir: Path | None) -> None:
    """Read documents from FILES of JSON lines, plain or .gz; again changes nothing that is already there."""
    from kunak.foundation.db.engine import create_engine, create_sessions
    from kunak.processes.commands.import_documents import import_files, report_on_terminal
    from kunak.processes.database import open_database

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        async with open_database(settings, briefly=True) as database:
            engine = create_engine(database.url, pool_size=2)
            try:
                with report_on_terminal(files) as report:
                    done = await import_files(create_sessions(engine), files, report=report, source=source)
            finally:
                await engine.dispose()
            click.echo(json.dumps(dataclasses.asdict(done)) if as_json else str(done))

    run_work(work)


@click.command()
@click.argument("question")
@click.option("--language", type=click.Choice(["ru", "en"]), default="ru", show_default=True, help="The reader's.")
@json_option
@data_dir_option
def ask(question: str, *, language: str, as_json: bool, data_dir: Path | None) -> None:
    """Answer QUESTION with quotes from what was imported, and their sources."""
    from kunak.features.search import service as search
    from kunak.foundation.db.engine import create_engine, create_sessions
    from kunak.foundation.language.languages import Language
    from kunak.foundation.language.words import words_in
    from kunak.processes.database import open_database
    from kunak.processes.equipment import open_equipment

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        async with open_database(settings, briefly=True) as database:
            engine = create_engine(database.url, pool_size=2)
            try:
                sessions = create_sessions(engine)
                async with open_equipment(settings, sessions, patient=True) as equipped:
                    answer = await search.answer_question(
                        sessions, question, language=Language(language), equipment=equipped.search
                    )
            finally:
                await engine.dispose()
        words = words_in(answer.language)
        if as_json:
            click.echo(json.dumps(search.render_json(answer, words.gettext), ensure_ascii=False))
        else:
            click.echo(search.render_plain(answer, words.gettext))

    run_work(work)


@click.command()
@click.argument("text")
@json_option
@click.option("--local", is_flag=True, help="Ask no language model, even if one is configured.")
def understand(text: str, *, as_json: bool, local: bool) -> None:
    """Tell what TEXT wants of a bot, and within which period, place, price and category."""
    from kunak.foundation.clock import now
    from kunak.processes.commands.understand import (
        describe,
        may_have_a_model,
        understand_text,
        understand_with_a_model,
    )

    if local or not may_have_a_model():
        understood = understand_text(text, now=now())
    else:
        settings = load_settings()
        understood = run_work(lambda _: understand_with_a_model(text, now=now(), settings=settings))
    click.echo(json.dumps(understood.to_json(), ensure_ascii=False) if as_json else describe(understood))


@click.group()
def search() -> None:
    """Look after the search index."""


search.add_command(vectors)


@search.command()
@data_dir_option
def reindex(data_dir: Path | None) -> None:
    """Make the whole index anew; searches go on meanwhile. When broken off, run it again."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    from kunak.foundation.db.engine import create_engine
    from kunak.processes.commands.reindex import reindex as make_anew
    from kunak.processes.database import open_database

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        console = Console(stderr=True)
        async with open_database(settings, briefly=True) as database:
            engine = create_engine(database.url, pool_size=2)
            columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
            try:
                with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
                    bar = progress.add_task("Documents", total=None)
                    made = await make_anew(
                        engine, report=lambda done, total: progress.update(bar, completed=done, total=total)
                    )
            finally:
                await engine.dispose()
        click.echo(f"{made} documents were indexed anew.")

    run_work(work)


@search.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most.")
@click.option("--all", "with_resolved", is_flag=True, help="Also those that something was found for since.")
@json_option
@data_dir_option
def gaps(*, limit: int, with_resolved: bool, as_json: bool, data_dir: Path | None) -> None:
    """List the questions that nothing was found for, the most asked first."""
    from kunak.foundation.db.engine import create_engine, create_sessions
    from kunak.processes.commands.gaps import describe, list_gaps, to_json
    from kunak.processes.database import open_database

    settings = load_settings(data_dir=data_dir)

    async def work(_: object) -> None:
        async with open_database(settings, briefly=True) as database:
            engine = create_engine(database.url, pool_size=2)
            try:
                found = await list_gaps(create_sessions(engine), limit=limit, with_resolved=with_resolved)
            finally:
                await engine.dispose()
        click.echo(json.dumps([to_json(each) for each in found], ensure_ascii=False) if as_json else describe(found))

    run_work(work)
