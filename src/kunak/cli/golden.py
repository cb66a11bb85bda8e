"""`kunak eval questions …`: the golden questions."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import data_dir_option, json_option, load_settings, run_on_database

if TYPE_CHECKING:
    from kunak.features.quality.schemas import Kept, NewQuestion
    from kunak.foundation.db.engine import Sessions

language_option = click.option(
    "--language", type=click.Choice(["ru", "en"]), help="Of the question [as it is written]."
)
_ORIGINS = ["corpus", "disliked", "hand"]
set_option = click.option(
    "--set", "of", type=click.Choice(["all", *_ORIGINS]), default="all", show_default=True, help="Of which origin."
)


@click.group()
def questions() -> None:
    """Golden questions: what is asked, and what makes an answer right."""


@questions.command()
@click.argument("question")
@click.option(
    "--reference", "references", multiple=True, help="A document of which one must be cited; may be repeated."
)
@click.option(
    "--answer", "answers", multiple=True, help="A text of which one must stand in the answer; may be repeated."
)
@click.option("--unanswerable", is_flag=True, help="Right is to say that nothing was found.")
@click.option("--disliked", is_flag=True, help="Somebody disliked the answer; what is right may be said later.")
@click.option("--note", default="", help="For whoever reads the list.")
@language_option
@json_option
@data_dir_option
def add(
    question: str,
    *,
    references: tuple[str, ...],
    answers: tuple[str, ...],
    unanswerable: bool,
    disliked: bool,
    note: str,
    language: str | None,
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """Write QUESTION down with what makes an answer to it right; a known one is changed."""
    from kunak.features.quality.schemas import Expected, NewQuestion, Origin
    from kunak.foundation.errors import InvalidInputError
    from kunak.foundation.language.detect import detect_language
    from kunak.foundation.language.languages import Language

    expected = Expected(references, answers, unanswerable)
    if not expected.is_known and not disliked:
        raise InvalidInputError("Say what is right: --reference, --answer or --unanswerable.")
    spoken = Language(language) if language else detect_language(question)
    origin = Origin.DISLIKED if disliked else Origin.HAND
    _keep([NewQuestion(question, spoken, expected, origin, note=note)], data_dir, as_json=as_json)


@questions.command(name="import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="Of a folder: which questions, qrels/SPLIT.tsv.")
@json_option
@data_dir_option
def import_(path: Path, *, split: str, as_json: bool, data_dir: Path | None) -> None:
    """Read questions from PATH: JSON lines, or a folder with queries.jsonl and qrels/. A bad line: nothing is kept."""
    from kunak.processes.evaluation.golden_files import read_golden

    _keep(read_golden(path, split), data_dir, as_json=as_json)


@questions.command()
@click.option("--count", default=100, show_default=True, help="How many at most.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same questions of the same corpus.")
@click.option("--language", type=click.Choice(["ru", "en"]), help="Only from passages in this language.")
@json_option
@data_dir_option
def make(*, count: int, seed: int, language: str | None, as_json: bool, data_dir: Path | None) -> None:
    """Make questions from the corpus itself, without a model."""
    from kunak.features.quality import service as quality
    from kunak.foundation.language.languages import Language

    async def work(sessions: "Sessions") -> "Kept":
        async with sessions.begin() as session:
            spoken = Language(language) if language else None
            return await quality.make_questions(session, count=count, seed=seed, language=spoken)

    _tell(run_on_database(load_settings(data_dir=data_dir), work), as_json=as_json)


@questions.command(name="list")
@set_option
@json_option
@data_dir_option
def list_(*, of: str, as_json: bool, data_dir: Path | None) -> None:
    """Show the golden questions."""
    from kunak.features.quality import service as quality
    from kunak.features.quality.schemas import GoldenQuestion, Origin
    from kunak.processes.evaluation.describe import describe_question

    async def work(sessions: "Sessions") -> list[GoldenQuestion]:
        async with sessions() as session:
            return await quality.list_questions(session, None if of == "all" else Origin(of))

    found = run_on_database(load_settings(data_dir=data_dir), work)
    if as_json:
        click.echo(json.dumps([each.to_json() for each in found], ensure_ascii=False))
    else:
        click.echo("\n".join(map(describe_question, found)) or "There is no golden question yet.")


@questions.command()
@click.argument("numbers", type=click.IntRange(1, 2**63 - 1), nargs=-1, required=True)
@data_dir_option
def remove(numbers: tuple[int, ...], *, data_dir: Path | None) -> None:
    """Forget the questions NUMBERS; the results of past runs stay."""
    from kunak.features.quality import service as quality

    async def work(sessions: "Sessions") -> None:
        async with sessions.begin() as session:
            await quality.remove_questions(session, numbers)

    run_on_database(load_settings(data_dir=data_dir), work)
    click.echo(f"{len(set(numbers))} removed")


def _keep(given: "list[NewQuestion]", data_dir: Path | None, *, as_json: bool) -> None:
    from kunak.features.quality import service as quality

    async def work(sessions: "Sessions") -> "Kept":
        async with sessions.begin() as session:
            return await quality.add_questions(session, given)

    _tell(run_on_database(load_settings(data_dir=data_dir), work), as_json=as_json)


def _tell(kept: "Kept", *, as_json: bool) -> None:
    import dataclasses

    from kunak.processes.evaluation.describe import describe_kept

    click.echo(json.dumps(dataclasses.asdict(kept), ensure_ascii=False) if as_json else describe_kept(kept))
