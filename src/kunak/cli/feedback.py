"""`kunak feedback …`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import data_dir_option, json_option, run_with_kunak

if TYPE_CHECKING:
    from kunak.features.conversations.schemas import Feedback

bot_option = click.option("--bot", help="Only of this bot: @username or number.")
down_option = click.option("--down", is_flag=True, help="Only what somebody did not like.")
_LONGEST_LINE = 70


@click.group()
def feedback() -> None:
    """What people think of answers: the thumbs under them, and what each answer was made from."""


@feedback.command(name="list")
@bot_option
@down_option
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@data_dir_option
def list_(*, bot: str | None, down: bool, limit: int, as_json: bool, data_dir: Path | None) -> None:
    """Show the answers voted on last."""
    from kunak.processes.commands.feedback import list_feedback, to_json

    found = run_with_kunak(data_dir, lambda kunak: list_feedback(kunak, bot=bot, only_down=down, limit=limit))
    if as_json:
        click.echo(json.dumps([to_json(*each) for each in found], ensure_ascii=False))
    elif not found:
        click.echo("Nobody has voted yet." if not (bot or down) else "No such votes.")
    for each, username in [] if as_json else found:
        question = " ".join(each.generation.question.split())[:_LONGEST_LINE]
        click.echo(f"{each.id:>6}  +{each.tally.ups} -{each.tally.downs}  {each.at:%Y-%m-%d}  @{username}  {question}")


@feedback.command()
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
@json_option
@data_dir_option
def show(number: int, *, as_json: bool, data_dir: Path | None) -> None:
    """Show answer NUMBER with all it was made from."""
    from kunak.processes.commands.feedback import show_feedback, to_json

    found, bot = run_with_kunak(data_dir, lambda kunak: show_feedback(kunak, number))
    if as_json:
        click.echo(json.dumps(to_json(found, bot.username), ensure_ascii=False))
    else:
        _print(found, bot.username)


@feedback.command()
@bot_option
@down_option
@click.option("--limit", type=click.IntRange(1, 100_000), default=10_000, show_default=True)
@data_dir_option
def export(*, bot: str | None, down: bool, limit: int, data_dir: Path | None) -> None:
    """Write the questions as JSON lines, such as `kunak eval questions import` takes."""
    from kunak.processes.commands.feedback import list_feedback, to_golden

    found = run_with_kunak(data_dir, lambda kunak: list_feedback(kunak, bot=bot, only_down=down, limit=limit))
    for golden in filter(None, (to_golden(each) for each, _ in found)):
        click.echo(json.dumps(golden, ensure_ascii=False))


def _print(found: "Feedback", bot: str) -> None:
    made = found.generation
    prompt = f"{'shipped prompt' if found.prompt_is_shipped else 'prompt'} {found.prompt_number}"
    click.echo(f"Answer {found.id} of @{bot}, {found.at:%Y-%m-%d %H:%M}: +{found.tally.ups} -{found.tally.downs}")
    click.echo(f"{made.model} at {made.provider}, {prompt}, {made.seconds:.1f} s, {made.mode.value}")
    for message in made.history:
        click.echo(f"\n{message.role}: {message.text}")
    click.echo(f"\nQuestion: {made.question}\n\nAnswer: {made.text}")
    for passage in made.passages:
        click.echo(
            f"\n[{passage['number']}] {passage.get('title', '')} ({passage['reference']})\n{passage.get('text', '')}"
        )
