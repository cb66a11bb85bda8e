"""What all commands share: how errors are told, common options, settings, and the loop that runs the work."""

import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kunak.foundation.errors import KunakError

if TYPE_CHECKING:
    from kunak.foundation.db.engine import Sessions
    from kunak.foundation.settings import Settings
    from kunak.processes.bootstrap import Kunak
    from kunak.processes.lifetime import Lifetime

STARTED = time.monotonic()
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
        except BrokenPipeError:
            # Whoever reads along has seen enough (`… | head`); at its end Python would write to the pipe once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
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


data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path, readable=False),
    help="Where the embedded database, keys and files live [data].",
)
host_option = click.option("--host", help="Address to listen on [127.0.0.1].")
json_option = click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of words.")


def load_settings(**given: Any) -> "Settings":
    from kunak.foundation.observability.logs import configure_logging
    from kunak.processes.configuration import load_settings as load

    settings = load(**given)
    configure_logging(settings.log_level, settings.log_format)
    return settings


def run_work(work: "Callable[[Lifetime], Awaitable[Result]]") -> Result:
    from kunak.processes.lifetime import StoppedEarlyError, run_to_the_end

    try:
        return run_to_the_end(work)
    except StoppedEarlyError as error:
        click.echo(f"Error: {error}", err=True)
        sys.stdout.flush()
        os._exit(1)  # all is cleaned up, and an import in a thread would hold up the end by seconds


def run_with_kunak(data_dir: Path | None, work: "Callable[[Kunak], Awaitable[Result]]") -> Result:
    """Run `work` on the database of `data_dir` (or DATABASE_URL), which is started for it when it does not run."""
    settings = load_settings(data_dir=data_dir)

    async def opened(_: "Lifetime") -> Result:
        from kunak.processes.bootstrap import open_kunak
        from kunak.processes.database import open_database
        from kunak.processes.sandbox_address import find_sandbox

        async with (
            open_database(settings, briefly=True) as database,
            open_kunak(settings, database_url=database.url, sandbox_base=find_sandbox(settings)) as kunak,
        ):
            return await work(kunak)

    return run_work(opened)


def run_on_database(settings: "Settings", work: "Callable[[Sessions], Awaitable[Result]]") -> Result:
    """As `run_with_kunak`, for work that needs nothing but the tables."""

    async def opened(_: "Lifetime") -> Result:
        from kunak.foundation.db.engine import create_engine, create_sessions
        from kunak.processes.database import open_database

        async with open_database(settings, briefly=True) as database:
            engine = create_engine(database.url, pool_size=3)
            try:
                return await work(create_sessions(engine))
            finally:
                await engine.dispose()

    return run_work(opened)
