"""`kunak bot prompt …`."""

import sys
from difflib import unified_diff
from pathlib import Path
from typing import TextIO

import click

from kunak.cli.frame import data_dir_option, run_with_kunak

_NUMBER = click.IntRange(0, 2**31 - 1)


@click.group()
def prompt() -> None:
    """What a bot's language model is told of its part: show, edit, list, compare, use.

    NAME is the bot's @username or number.
    """


@prompt.command()
@click.argument("name")
@click.argument("number", type=_NUMBER, required=False)
@data_dir_option
def show(name: str, number: int | None, data_dir: Path | None) -> None:
    """Show the prompt in use, or version NUMBER; 0 is the prompt that comes with Kunak."""
    from kunak.processes.commands.prompts import read_prompts, show_prompt

    if number is None:
        click.echo(run_with_kunak(data_dir, lambda kunak: show_prompt(kunak, name)))
    else:
        click.echo(run_with_kunak(data_dir, lambda kunak: read_prompts(kunak, name, [number]))[0])


@prompt.command()
@click.argument("name")
@click.argument("old", type=_NUMBER)
@click.argument("new", type=_NUMBER)
@data_dir_option
def compare(name: str, old: int, new: int, data_dir: Path | None) -> None:
    """Show what changed from version OLD to version NEW, line by line; 0 is the prompt that comes with Kunak."""
    from kunak.processes.commands.prompts import read_prompts

    before, after = run_with_kunak(data_dir, lambda kunak: read_prompts(kunak, name, [old, new]))
    changes = unified_diff(before.splitlines(), after.splitlines(), f"version {old}", f"version {new}", lineterm="")
    click.echo("\n".join(changes) or f"Versions {old} and {new} are alike.")


@prompt.command()
@click.argument("name")
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
@click.option("--note", default="", help="Why, for those who read the list.")
@data_dir_option
def edit(name: str, file: TextIO | None, *, note: str, data_dir: Path | None) -> None:
    """Make a new version from FILE (`-`: standard input), else in your editor, and use it."""
    from kunak.processes.commands.prompts import edit_prompt, show_prompt

    if file is None and sys.stdin.isatty():
        current = run_with_kunak(data_dir, lambda kunak: show_prompt(kunak, name))
        wording = click.edit(current, extension=".md")
    else:
        wording = _read(file or sys.stdin)
    if wording is None:
        click.echo("Nothing was changed.")
        return
    made = run_with_kunak(data_dir, lambda kunak: edit_prompt(kunak, name, wording, note))
    click.echo(f"Version {made.number} is in use. `kunak bot prompt use {name} N` goes back to another.")


@prompt.command(name="list")
@click.argument("name")
@data_dir_option
def list_(name: str, data_dir: Path | None) -> None:
    """Show the versions, newest first."""
    from kunak.processes.commands.prompts import list_prompts

    found = run_with_kunak(data_dir, lambda kunak: list_prompts(kunak, name))
    for each in found:
        mark, begins = "*" if each.is_active else " ", " ".join(each.text.split())[:60]
        click.echo(f"{mark} {each.number:>3}  {each.created_at:%Y-%m-%d %H:%M}  {each.note or begins}")
    mark = " " if any(each.is_active for each in found) else "*"
    click.echo(f"{mark}   0  the prompt that comes with Kunak")


@prompt.command()
@click.argument("name")
@click.argument("number", type=_NUMBER)
@data_dir_option
def use(name: str, number: int, data_dir: Path | None) -> None:
    """Answer by version NUMBER; 0 is the prompt that comes with Kunak."""
    from kunak.processes.commands.prompts import use_prompt

    run_with_kunak(data_dir, lambda kunak: use_prompt(kunak, name, number))
    click.echo(f"Version {number} is in use.")


def _read(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise click.ClickException("This is no text in UTF-8; nothing was changed.") from error
