"""Every command. Thin: options in, one function called, words out.

Each command imports what it needs when it runs, so that `kunak --help` answers at once.
"""

import json
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kunak import __version__
from kunak.foundation.errors import KunakError

if TYPE_CHECKING:
    from kunak.foundation.settings import Settings
    from kunak.processes.lifetime import Lifetime
    from kunak.processes.up import Addresses

STARTED = time.monotonic()
PARTS = "kunak.processes.parts"

PORT = click.IntRange(0, 65535)
Result = TypeVar("Result")


class KunakGroup(click.Group):
    """Tells a person what went wrong in one sentence; what is a fault of ours is told as such."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except KunakError as error:
            _fail(str(error))
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except OSError as error:
            _fail(f"The system refuses: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}.")
        except Exception as error:
            logging.getLogger(__name__).debug("Unexpected error", exc_info=error)
            _fail(
                f"Kunak stopped because of a fault of its own ({type(error).__name__}: {error}). "
                "Please report it; with KUNAK_LOG_LEVEL=DEBUG the log shows where it happened."
            )


def _fail(sentence: str) -> None:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(1)


@click.group(cls=KunakGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="kunak")
def main() -> None:
    """Kunak: a self-hosted platform for Telegram communities.

    Settings come from the environment and from a file .env; `kunak doctor` shows what is in force.
    """


data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, readable=False),
    help="Where the embedded database, keys and files live [data].",
)
host_option = click.option("--host", help="Address to listen on [127.0.0.1].")
json_option = click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of words.")


@main.command()
@data_dir_option
@host_option
@click.option("--port", type=PORT, help="Port to listen on; 0 takes a free one [3000].")
@json_option
def up(data_dir: Path | None, host: str | None, port: int | None, *, as_json: bool) -> None:
    """Start everything: the database and every process, on one port."""
    from kunak.processes.up import up as run

    settings = _load(data_dir=data_dir, host=host, port=port)

    def ready(addresses: "Addresses") -> None:
        _say_ready_as_json(addresses) if as_json else _say_ready(addresses, settings)

    _run(lambda lifetime: run(settings, lifetime, assembly=PARTS, on_ready=ready))


@main.command(name="run")
@click.argument("process", type=click.Choice(["api", "bot", "web", "worker", "ingest"]))
@data_dir_option
@host_option
@click.option("--port", type=PORT, help="Port to listen on [api 3001, bot 3002, web 3000, the others none].")
@json_option
def run_process(process: str, data_dir: Path | None, host: str | None, port: int | None, *, as_json: bool) -> None:
    """Run one process by itself; with --port, worker and ingest tell how they are."""
    from kunak.processes.run import run_alone

    settings = _load(data_dir=data_dir, host=host)

    def ready(address: str | None) -> None:
        line = {"ready": True, "process": process, "startup_s": _startup_s(), "address": address}
        click.echo(json.dumps(line) if as_json else f"kunak {process} runs{f' at {address}' if address else ''}.")

    _run(lambda lifetime: run_alone(process, settings, lifetime, assembly=PARTS, port=port, on_ready=ready))


@main.command()
@data_dir_option
def migrate(data_dir: Path | None) -> None:
    """Bring the database to the shape this version needs."""
    from kunak.processes.database import open_database

    settings = _load(data_dir=data_dir)

    async def work(_: "Lifetime") -> None:
        async with open_database(settings):
            click.echo("The database is up to date.")

    _run(work)


@main.command()
@data_dir_option
@json_option
def doctor(data_dir: Path | None, *, as_json: bool) -> None:
    """Show what is configured and what answers; exits with 1 when something needed does not."""
    from kunak.processes.doctor import examine, render

    settings = _load(data_dir=data_dir)
    report = _run(lambda _: examine(settings))
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else render(report))
    sys.exit(0 if report.healthy else 1)


def _load(**given: Any) -> "Settings":
    from kunak.processes.configuration import load_settings

    settings = load_settings(**given)
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
    return settings


def _run(work: "Callable[[Lifetime], Awaitable[Result]]") -> Result:
    from kunak.processes.lifetime import run_to_the_end

    return run_to_the_end(work)


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
