"""The commands themselves: quick to answer, plain in what they say."""

import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from click.testing import CliRunner

from kunak.cli import main


def test_help_imports_nothing_heavy() -> None:
    program = "import sys, kunak.cli; print(*sys.modules)"
    listing = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603  our own words
    loaded = {name.split(".")[0] for name in listing.stdout.split()}
    assert not loaded & {"aiogram", "alembic", "asyncpg", "fastapi", "pydantic", "rich", "sqlalchemy", "uvicorn"}


def test_every_command_says_what_it_does() -> None:
    for name, command in main.commands.items():
        assert command.help, name
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_the_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"kunak, version {version('kunak')}\n"


def test_python_dash_m_is_the_same() -> None:
    said = subprocess.run([sys.executable, "-m", "kunak", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout == f"kunak, version {version('kunak')}\n"


def test_ctrl_c_before_anything_began_says_nothing() -> None:
    # As on a terminal, also where the tests are in the background, and a shell has made them deaf to it.
    listening = "signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"import os, signal; {listening}; import kunak.__main__; os.kill(os.getpid(), signal.SIGINT)"
    broken_off = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603  our own words
    assert (broken_off.returncode, broken_off.stdout, broken_off.stderr) == (-signal.SIGINT, "", "")


def test_a_fault_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(main, ["migrate", "--data-dir", str(tmp_path / "file")])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
