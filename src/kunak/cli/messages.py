"""`kunak messages …` and `kunak jobs …`: the ledger and the dead letters."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import data_dir_option, json_option, run_with_kunak
from kunak.foundation.errors import InvalidInputError

if TYPE_CHECKING:
    from kunak.features.messaging.schemas import LedgerLine, LedgerPage

bot_option = click.option("--bot", help="Only of this bot: @username or number.")
outbox_option = click.option("--outbox", is_flag=True, help="What is to be said, in place of what came in.")


@click.group()
def messages() -> None:
    """The message ledger. NAME is a number for the inbox, o and a number for the outbox."""


@messages.command(name="list")
@outbox_option
@bot_option
@click.option("--state", type=str.upper, help="Only in this state, such as TERMINAL.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@data_dir_option
def list_(
    *, outbox: bool, bot: str | None, state: str | None, limit: int, as_json: bool, data_dir: Path | None
) -> None:
    """Show the newest messages."""
    from kunak.processes.commands.messages import INBOX_STATES, OUTBOX_STATES, list_messages

    known = OUTBOX_STATES if outbox else INBOX_STATES
    if state and state not in known:
        raise InvalidInputError(f"There is no state {state} there. There are: {', '.join(known)}.")
    found = run_with_kunak(
        data_dir, lambda kunak: list_messages(kunak, outbox=outbox, bot=bot, state=state, limit=limit)
    )
    if as_json:
        lines = [dataclasses.asdict(line) | {"at": line.at.isoformat()} for line in found]
        click.echo(json.dumps(lines, ensure_ascii=False))
    elif not found:
        click.echo("No messages.")
    for line in [] if as_json else found:
        click.echo(_line(line, "o" if outbox else ""))


@messages.command()
@click.argument("name")
@json_option
@data_dir_option
def show(name: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Show a message with every step, and what was said to it."""
    from kunak.processes.commands.messages import show_message, to_json

    page = run_with_kunak(data_dir, lambda kunak: show_message(kunak, name))
    if as_json:
        click.echo(json.dumps(to_json(page), ensure_ascii=False))
    else:
        _print(page, "o" if name.lower().startswith("o") else "")


@messages.command()
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that was given up.")
@outbox_option
@bot_option
@data_dir_option
def replay(name: str | None, *, everything: bool, outbox: bool, bot: str | None, data_dir: Path | None) -> None:
    """Begin a message anew, or with --all every one that was given up."""
    from kunak.processes.commands.messages import replay_all, replay_message

    if everything == (name is not None):
        raise InvalidInputError("Name one message, or say --all.")
    if name is not None:
        run_with_kunak(data_dir, lambda kunak: replay_message(kunak, name))
        click.echo(f"Message {name} begins anew.")
    else:
        count = run_with_kunak(data_dir, lambda kunak: replay_all(kunak, outbox=outbox, bot=bot))
        click.echo(f"Messages that begin anew: {count}.")


@click.command()
@data_dir_option
def alerts(data_dir: Path | None) -> None:
    """Show what the admins were told, newest first."""
    from kunak.processes.commands.messages import list_alerts

    found = run_with_kunak(data_dir, list_alerts)
    for each in found:
        told = "told" if each.told_at else "told nobody yet"
        times = f", {each.times} times" if each.times > 1 else ""
        click.echo(f"{each.at.astimezone():%Y-%m-%d %H:%M:%S}  {each.text}  ({told}{times})")
    if not found:
        click.echo("No alerts.")


@click.group()
def jobs() -> None:
    """Jobs that were given up."""


@jobs.command(name="list")
@click.option("--queue", help="Only of this queue.")
@data_dir_option
def list_jobs(queue: str | None, data_dir: Path | None) -> None:
    """Show the dead letters."""
    from kunak.processes.commands.messages import list_dead_jobs

    found = run_with_kunak(data_dir, lambda kunak: list_dead_jobs(kunak, queue))
    for letter in found:
        tries = f"{letter.attempts + 1} tries"
        click.echo(f"{letter.id:>8}  {letter.queue}  {letter.job} {letter.fields}  {tries}  {letter.error or ''}")
    if not found:
        click.echo("No job was given up.")


@jobs.command(name="replay")
@click.argument("ids", type=int, nargs=-1)
@click.option("--queue", help="Only of this queue.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
@data_dir_option
def replay_jobs(ids: tuple[int, ...], *, queue: str | None, everything: bool, data_dir: Path | None) -> None:
    """Put dead letters back into their queues."""
    from kunak.processes.commands.messages import replay_dead_jobs

    if everything == bool(ids):
        raise InvalidInputError("Name jobs by number, or say --all.")
    count = run_with_kunak(data_dir, lambda kunak: replay_dead_jobs(kunak, list(ids), queue))
    click.echo(f"Jobs put back: {count}.")


def _line(line: "LedgerLine", prefix: str) -> str:
    error = _why(line.error_class, line.error_text)
    at = line.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return f"{prefix + str(line.id):>8}  {at}  @{line.bot}  chat {line.chat_id}  {line.kind}  {line.state}{error}"


def _why(error_class: str | None, words: str | None) -> str:
    """What went wrong; of a message that is done with, why it was not answered."""
    return f"  {error_class}: {words}" if error_class else f"  {words}" if words else ""


def _print(page: "LedgerPage", prefix: str) -> None:
    click.echo(_line(page.line, prefix))
    for step in page.transitions:
        error = _why(step.error_class, step.error_text)
        at = step.at.astimezone().strftime("%H:%M:%S.%f")[:-3]
        click.echo(f"          {at}  {step.state}{f', try {step.attempt}' if step.attempt else ''}{error}")
    click.echo(f"          {json.dumps(page.payload, ensure_ascii=False)}")
    for each in page.said:
        _print(each, "o")
