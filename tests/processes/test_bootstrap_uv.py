"""`make` finds itself a uv on systems of every kind; here with a Python that plays them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "bootstrap_uv.sh"
TOOLS = ("sh", "dirname", "mkdir", "rm", "tail", "chmod")

NEW_ENOUGH = 'case "$1" in -c) exit 0 ;; esac'
OLD = 'case "$1" in -c) exit 1 ;; --version) echo "Python 3.9.2" ;; esac'
NO_VENV = 'case "$*" in "-m venv"*) echo "ensurepip is not available"; exit 1 ;; esac'
NO_PIP = 'case "$*" in "-m pip"*) echo "No module named pip"; exit 1 ;; esac'
PIP_INTO_TARGET = """
case "$*" in "-m pip install"*--target*)
    mkdir -p .cache/uv-target/bin; printf '#!/bin/sh\\n' > .cache/uv-target/bin/uv; chmod +x .cache/uv-target/bin/uv ;;
esac"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout and a system whose PATH has little more than a Python."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    return tmp_path


def _add(checkout: Path, name: str, *lines: str) -> None:
    program = checkout / "bin" / name
    program.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    program.chmod(0o755)


def _bootstrap(checkout: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(checkout / "bin"), "HOME": os.devnull}
    script = str(checkout / "scripts" / SCRIPT.name)
    return subprocess.run([script], env=environment, capture_output=True, text=True, check=False)  # noqa: S603  our own words


def test_an_old_python_is_named(checkout: Path) -> None:
    _add(checkout, "python3", OLD)
    result = _bootstrap(checkout)
    assert result.returncode == 1
    assert "Kunak needs Python 3.11 or newer; here is Python 3.9.2." in result.stderr


def test_no_python_at_all(checkout: Path) -> None:
    result = _bootstrap(checkout)
    assert result.returncode == 1
    assert "here is no python3" in result.stderr


def test_a_newer_python_of_another_name_will_do(checkout: Path) -> None:
    _add(checkout, "python3", OLD)
    _add(checkout, "python3.12", NEW_ENOUGH, NO_VENV, PIP_INTO_TARGET)
    assert _bootstrap(checkout).stdout.strip() == str(checkout / ".cache" / "uv-target" / "bin" / "uv")


def test_without_venv_the_uv_of_the_system_is_used(checkout: Path) -> None:
    _add(checkout, "python3", NEW_ENOUGH, NO_VENV, NO_PIP)
    _add(checkout, "uv")
    assert _bootstrap(checkout).stdout.strip() == str(checkout / "bin" / "uv")


def test_without_venv_pip_puts_it_into_a_folder(checkout: Path) -> None:
    _add(checkout, "python3", NEW_ENOUGH, NO_VENV, PIP_INTO_TARGET)
    first, second = _bootstrap(checkout), _bootstrap(checkout)
    assert first.stdout == second.stdout == f"{checkout}/.cache/uv-target/bin/uv\n"


def test_with_neither_there_is_a_sentence(checkout: Path) -> None:
    _add(checkout, "python3", NEW_ENOUGH, NO_VENV, NO_PIP)
    result = _bootstrap(checkout)
    assert result.returncode == 1
    assert "can neither make a virtual environment nor run pip" in result.stderr
    assert "apt-get install python3-venv" in result.stderr
