"""Keys that encrypt secrets at rest."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kunak.cli.frame import data_dir_option, run_with_kunak

if TYPE_CHECKING:
    from kunak.processes.bootstrap import Kunak


@click.group()
def key() -> None:
    """Keys that encrypt tokens at rest."""


@key.command()
def new() -> None:
    """Print a new key for KUNAK_SECRET_KEY."""
    from kunak.foundation.crypto import new_key

    click.echo(new_key())


@key.command()
@data_dir_option
def rotate(data_dir: Path | None) -> None:
    """Seal every stored secret with the first key of KUNAK_SECRET_KEY; the others may be dropped after."""
    from kunak.processes.commands.keys import rotate_keys

    async def work(kunak: "Kunak") -> None:
        click.echo(f"{await rotate_keys(kunak)} bots are sealed with the newest key.")

    run_with_kunak(data_dir, work)
