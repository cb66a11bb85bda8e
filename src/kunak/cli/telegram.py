"""`kunak telegram …`: the account that reads channels."""

import asyncio
import contextlib
import dataclasses
import json
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import data_dir_option, json_option, run_with_kunak

if TYPE_CHECKING:
    from kunak.integrations.telegram_channels.interface import Me
    from kunak.processes.bootstrap import Kunak
    from kunak.processes.commands.telegram import Status


@click.group()
def telegram() -> None:
    """A Telegram account that reads channels as you see them: `kunak source add @channel --as telegram-account`."""


@telegram.command()
@click.option("--phone", help="The account's number, such as +79001234567 [asked for].")
@data_dir_option
def login(phone: str | None, data_dir: Path | None) -> None:
    """Log in: Telegram sends a code to the account, and asks for its password if it has one.

    The session is kept encrypted; it can be ended in Telegram, Settings → Devices.
    """
    from kunak.processes.commands.telegram import log_in
    from kunak.processes.telegram_account import needed_doors

    async def work(kunak: "Kunak") -> "Me":
        needed_doors(kunak)
        with _terminal_kept():
            number = phone or await _asking("Phone number (with +)")(None)
            return await log_in(
                kunak, number, ask_code=_asking("Code"), ask_password=_asking("Password", hide_input=True)
            )

    me = run_with_kunak(data_dir, work)
    click.echo(f"{me.name} is logged in. `kunak source add @channel --as telegram-account` reads a channel.")


@telegram.command()
@json_option
@data_dir_option
def status(data_dir: Path | None, *, as_json: bool) -> None:
    """Show whether somebody is logged in; Telegram is not asked (`kunak doctor` asks)."""
    from kunak.processes.commands.telegram import get_status

    found = run_with_kunak(data_dir, get_status)
    if as_json:
        values = dataclasses.asdict(found)
        times = {name: values[name] and values[name].isoformat() for name in ("waits_until", "logged_in_at")}
        click.echo(json.dumps(values | times, ensure_ascii=False))
    else:
        click.echo(_say(found))


@telegram.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_dir_option
def logout(data_dir: Path | None, *, yes: bool) -> None:
    """Log out: Telegram ends the session, and it is forgotten here. What was read stays."""
    from kunak.processes.commands.telegram import find_account, log_out

    found = run_with_kunak(data_dir, find_account)
    if found.session_sealed is None:
        click.echo("Nobody is logged in.")
        return
    if not yes:
        click.confirm(
            f"{found.name} is logged out; its channels are not read until the next login. Log out?", abort=True
        )
    told = run_with_kunak(data_dir, log_out)
    rest = "" if told else " Telegram could not be told: end the session there, too (Settings → Devices)."
    click.echo(f"{found.name} is logged out.{rest}")


def _say(found: "Status") -> str:
    if found.state == "out":
        words = "Nobody is logged in. `kunak telegram login` logs an account in."
        return words if found.configured else f"{words} It needs KUNAK_TELEGRAM_API_ID and KUNAK_TELEGRAM_API_HASH."
    since = f"{found.logged_in_at.astimezone():%Y-%m-%d %H:%M}" if found.logged_in_at else "?"
    words = f"{found.name} is logged in since {since}."
    if found.state == "paused":
        words = f"{found.name} was refused: {found.paused_reason} `kunak telegram login` logs in again."
    if found.waits_until:
        words += f" Telegram has asked to wait until {found.waits_until.astimezone():%H:%M:%S}."
    return words


def _asking(what: str, *, hide_input: bool = False) -> Callable[[str | None], Awaitable[str]]:
    """Asks at the terminal, while the connection stays alive."""

    async def ask(wrong: str | None) -> str:
        if wrong:
            click.echo(wrong, err=True)
        hidden = hide_input and sys.stdin.isatty()  # of a pipe nothing is shown, and the terminal is not to be asked
        return await _in_thread(lambda: str(click.prompt(what, hide_input=hidden)).strip())

    return ask


async def _in_thread(ask: Callable[[], str]) -> str:
    """In a thread that nobody waits for: a prompt cannot be broken off."""
    answer: Future[str] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001  raised where the answer is waited for
            answer.set_exception(error)

    threading.Thread(target=work, name="asking", daemon=True).start()
    return await asyncio.wrap_future(answer)


@contextlib.contextmanager
def _terminal_kept() -> Iterator[None]:
    """Broken off, a hidden prompt would leave a terminal that shows nothing of what is typed."""
    if not sys.stdin.isatty():
        yield
        return
    import termios

    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)
