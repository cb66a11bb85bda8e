"""`kunak bot …`."""

import dataclasses
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import data_dir_option, json_option, run_with_kunak
from kunak.cli.money import model
from kunak.cli.prompts import prompt

if TYPE_CHECKING:
    from kunak.features.bots.schemas import Bot


@click.group()
def bot() -> None:
    """The bots: add, list, pause, resume, remove, what they are told, what they quote. NAME: @username or number."""


bot.add_command(prompt)
bot.add_command(model)


@bot.command()
@click.argument("token", required=False)
@click.option("--webhook", is_flag=True, help="Telegram calls KUNAK_PUBLIC_URL; without it we ask (long polling).")
@click.option("--sandbox", "in_sandbox", is_flag=True, help="The token is of a bot in the sandbox of `kunak up`.")
@click.option("--api-base", help="The Bot API server this bot lives on [KUNAK_TELEGRAM_API_BASE].")
@data_dir_option
def add(token: str | None, *, webhook: bool, in_sandbox: bool, api_base: str | None, data_dir: Path | None) -> None:
    """Add a bot, or give one that is known a new TOKEN. Without TOKEN it is asked for, or read from standard input."""
    from kunak.processes.commands.bots import add_bot

    # A token among the arguments is seen by every user of the machine, and stays in the shell's history.
    given = token or (_ask_for_token() if sys.stdin.isatty() else sys.stdin.readline())
    added = run_with_kunak(
        data_dir, lambda kunak: add_bot(kunak, given, webhook=webhook, in_sandbox=in_sandbox, api_base=api_base)
    )
    click.echo(f"@{added.username} ({added.name}) is bot {added.id}, by {added.updates_by}.")


@bot.command(name="list")
@json_option
@data_dir_option
def list_(data_dir: Path | None, *, as_json: bool) -> None:
    """Show the bots."""
    from kunak.processes.commands.bots import list_bots

    found = run_with_kunak(data_dir, list_bots)
    if as_json:
        click.echo(json.dumps([_public(each) for each in found], ensure_ascii=False))
    elif not found:
        click.echo("There is no bot yet. `kunak bot add` takes the token that @BotFather gives.")
    for each in [] if as_json else found:
        why = f" ({each.paused_reason})" if each.paused_reason else ""
        click.echo(f"{each.id:>4}  @{each.username}  {each.name}  {each.updates_by}  {each.state}{why}")


@bot.command()
@click.argument("name")
@data_dir_option
def pause(name: str, data_dir: Path | None) -> None:
    """Stop answering; what arrives is kept."""
    from kunak.processes.commands.bots import pause_bot

    paused = run_with_kunak(data_dir, lambda kunak: pause_bot(kunak, name))
    click.echo(f"@{paused.username} is paused; what arrives is kept. `kunak bot resume {name}` goes on.")


@bot.command()
@click.argument("name")
@data_dir_option
def resume(name: str, data_dir: Path | None) -> None:
    """Answer again, beginning with what was kept."""
    from kunak.processes.commands.bots import resume_bot

    resumed = run_with_kunak(data_dir, lambda kunak: resume_bot(kunak, name))
    click.echo(f"@{resumed.username} answers again.")


@bot.command(name="set")
@click.argument("name")
@click.option(
    "--answers",
    type=click.Choice(["rich", "entities", "plain"]),
    required=True,
    help="Form of answers: rich (real tables and lists, which some clients do not show yet), entities or plain.",
)
@data_dir_option
def set_(name: str, answers: str, data_dir: Path | None) -> None:
    """Change how a bot answers."""
    from kunak.processes.commands.bots import set_answers

    changed = run_with_kunak(data_dir, lambda kunak: set_answers(kunak, name, answers))
    click.echo(f"@{changed.username} answers in this form from now on: {answers}.")


@bot.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="No longer.")
@data_dir_option
def manager(name: str, *, off: bool, data_dir: Path | None) -> None:
    """Let admins make further bots with this one, by /newbot; their tokens come to us by themselves."""
    from kunak.processes.commands.bots import make_manager

    made = run_with_kunak(data_dir, lambda kunak: make_manager(kunak, name, is_manager=not off))
    tells = "makes no further bots" if off else "makes bots: write /newbot to it"
    click.echo(f"@{made.username} {tells}.")


@bot.command()
@click.argument("name")
@data_dir_option
def rotate(name: str, data_dir: Path | None) -> None:
    """Have Telegram give a bot that was made with a manager a new token."""
    from kunak.processes.commands.bots import rotate_token

    rotated = run_with_kunak(data_dir, lambda kunak: rotate_token(kunak, name))
    click.echo(f"@{rotated.username} has a new token; the old one is good for nothing any more.")


@bot.command()
@click.argument("name")
@click.argument("sources", nargs=-1)
@data_dir_option
def sources(name: str, sources: tuple[str, ...], data_dir: Path | None) -> None:
    """Choose which SOURCES a bot may quote, by key, address or title, or all, or none; without: show them."""
    from kunak.processes.commands.bots import choose_sources, list_sources_of

    if sources:
        run_with_kunak(data_dir, lambda kunak: choose_sources(kunak, name, sources))
    found, titles = run_with_kunak(data_dir, lambda kunak: list_sources_of(kunak, name))
    if found.sources is None:
        click.echo(f"@{found.username} may quote every source.")
    elif not titles:
        click.echo(f"@{found.username} quotes no source: it only talks.")
    for key, title in titles.items():
        click.echo(f"{key}  {title}")


@bot.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_dir_option
def remove(name: str, *, yes: bool, data_dir: Path | None) -> None:
    """Let go of a bot."""
    from kunak.processes.commands.bots import find_bot, remove_bot

    found = run_with_kunak(data_dir, lambda kunak: find_bot(kunak, name))
    if not yes:
        words = f"The token of @{found.username} is forgotten, its messages stay in the ledger. Remove it?"
        click.confirm(words, abort=True)
    removed = run_with_kunak(data_dir, lambda kunak: remove_bot(kunak, name))
    click.echo(f"@{removed.username} is removed.")


def _ask_for_token() -> str:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # broken off, the prompt shows again what is typed
    return str(click.prompt("Token", hide_input=True))


def _public(found: "Bot") -> dict[str, object]:
    """A bot without its secrets, as JSON values."""
    public = {name: value for name, value in dataclasses.asdict(found).items() if not name.endswith("_sealed")}
    return public | {"polled_at": found.polled_at and found.polled_at.isoformat()}
