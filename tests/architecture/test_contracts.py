"""`.importlinter` holds, and would notice who breaks it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint(folder: Path) -> tuple[int, str]:
    """The verdict on the package `kunak` in `folder`."""
    done = subprocess.run(  # noqa: S603  our own words
        [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / ".importlinter", "--no-cache", "--no-logo"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join(done.stdout.split())


def test_every_contract_is_kept() -> None:
    code, said = lint(ROOT / "src")
    assert code == 0, said


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("foundation/clock.py", "import kunak.features.bots.schemas", "all stand on the foundation"),
        ("features/search/service.py", "import kunak.features.ingestion.schemas", "only the features below them"),
        ("features/search/repository/find.py", "import kunak.features.search.service", "Inside a feature"),
        ("features/search/new_room.py", "", "Inside a feature"),
        ("features/bots/service/doors.py", "import kunak.features.bots.service.manage", "No cycles"),
        ("features/conversations/reply.py", "import jinja2", "Only edges know the web"),
        ("features/messaging/jobs/deliver.py", "import aiohttp", "Only integrations speak to vendors"),
        ("processes/worker.py", "import pgqueuer", "which queue runs the jobs"),
        ("integrations/telegram/client.py", "import aiogram.types", "Only the sandbox knows aiogram"),
        ("features/bots/repository.py", "import kunak.foundation.settings", "Settings are read once"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, line: str, contract: str) -> None:
    package = tmp_path / "kunak"
    shutil.copytree(ROOT / "src" / "kunak", package, ignore=shutil.ignore_patterns("__pycache__", "static", "vendor"))
    with (package / file).open("a") as planted:
        planted.write(f"\n{line}\n")
    code, said = lint(tmp_path)
    assert code == 1
    broken = said.partition("Broken contracts")[2]
    assert contract in broken, said
