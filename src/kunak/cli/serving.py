"""Commands that start and look after the processes."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak import __version__
from kunak.cli.frame import STARTED, data_dir_option, host_option, json_option, load_settings, run_work

if TYPE_CHECKING:
    from kunak.foundation.settings import Settings
    from kunak.processes.lifetime import Lifetime
    from kunak.processes.up import Addresses

PARTS, PART = "kunak.processes.parts", "kunak.processes.part"
PORT = click.IntRange(0, 65535)


@click.command()
@data_dir_option
@host_option
@click.option("--port", type=PORT, help="Port to listen on; 0 takes a free one [3000].")
@json_option
def up(data_dir: Path | None, host: str | None, port: int | None, *, as_json: bool) -> None:
    """Start everything: the database and every process, on one port."""
    from kunak.processes.up import up as run

    settings = load_settings(data_dir=data_dir, host=host, port=port)

    def ready(addresses: "Addresses") -> None:
        _say_ready_as_json(addresses) if as_json else _say_ready(addresses, settings)

    run_work(lambda lifetime: run(settings, lifetime, assembly=PARTS, on_ready=ready))


@click.command(name="run")
@click.argument("process", type=click.Choice(["api", "bot", "web", "worker", "ingest"]))
@data_dir_option
@host_option
@click.option("--port", type=PORT, help="Port to listen on [api 3001, bot 3002, web 3000, the others none].")
@json_option
def run_process(process: str, data_dir: Path | None, host: str | None, port: int | None, *, as_json: bool) -> None:
    """Run one process by itself; with --port, worker and ingest tell how they are."""
    from kunak.processes.run import run_alone

    settings = load_settings(data_dir=data_dir, host=host)

    def ready(address: str | None) -> None:
        line = {"ready": True, "process": process, "startup_s": _startup_s(), "address": address}
        click.echo(json.dumps(line) if as_json else f"kunak {process} runs{f' at {address}' if address else ''}.")

    run_work(lambda lifetime: run_alone(process, settings, lifetime, assembly=PART, port=port, on_ready=ready))


@click.command()
@data_dir_option
def migrate(data_dir: Path | None) -> None:
    """Bring the database to the shape this version needs."""
    from kunak.processes.database import open_database

    settings = load_settings(data_dir=data_dir)

    async def work(_: "Lifetime") -> None:
        async with open_database(settings):
            click.echo("The database is up to date.")

    run_work(work)


@click.command()
@data_dir_option
@json_option
def doctor(data_dir: Path | None, *, as_json: bool) -> None:
    """Show what is configured and what answers; exits with 1 when something needed does not."""
    from kunak.processes.doctor import examine, render

    settings = load_settings(data_dir=data_dir)
    report = run_work(lambda _: examine(settings))
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else render(report))
    sys.exit(0 if report.healthy else 1)


def _startup_s() -> float:
    return round(time.monotonic() - STARTED, 2)


def _say_ready_as_json(addresses: "Addresses") -> None:
    line = {"ready": True, "startup_s": _startup_s(), "web": addresses.web, "api": addresses.api}
    click.echo(json.dumps(line | {"sandbox": addresses.sandbox}))


def _say_ready(addresses: "Addresses", settings: "Settings") -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table

    rows = Table.grid(padding=(0, 2))
    for name, value in [
        ("Web", addresses.web),
        ("API", addresses.api),
        ("Sandbox", addresses.sandbox),
        ("Data", None if settings.database_url else str(settings.data_dir)),
    ]:
        if value:
            rows.add_row(name, value)
    Console(highlight=False).print(
        Panel(rows, title=f"Kunak {__version__} is up", subtitle="Ctrl-C stops it", expand=False), soft_wrap=True
    )
