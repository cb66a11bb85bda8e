"""`kunak understand` needs nothing but the package."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from kunak.cli import main
from kunak.integrations.language_model.fake import FakeProvider, Fault


def test_a_text_as_json() -> None:
    said = CliRunner().invoke(main, ["understand", "продаю диван в Нальчике за 5000 рублей", "--json"])
    found = json.loads(said.output)
    assert (found["intent"], found["language"], found["filters"]["price"]["max"]) == ("post_listing", "ru", 5000)


def test_a_text_in_words() -> None:
    said = CliRunner().invoke(main, ["understand", "any news from Moscow yesterday"]).output
    assert said.startswith("digest (en, ")
    assert "place: id moscow" in said


def test_strange_texts_are_no_fault() -> None:
    for text in ("", "😀", "'; DROP TABLE x; --", "а" * 10_000):
        assert CliRunner().invoke(main, ["understand", text, "--json"]).exit_code == 0


def test_it_touches_nothing(tmp_path: Path) -> None:
    program = "import sys; from kunak.cli import main; main(standalone_mode=False); print(*sys.modules)"
    done = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", program, "understand", "привет"],
        cwd=tmp_path,
        env=os.environ | {"DATABASE_URL": "postgresql://nobody@localhost:1/none"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"sqlalchemy", "pydantic", "asyncpg", "numpy"} & set(done.stdout.split())
    assert list(tmp_path.iterdir()) == []


async def test_a_configured_model_is_asked_where_we_are_in_doubt(tmp_path: Path) -> None:
    doubted = "the bridge"
    async with FakeProvider() as fake:
        fake.say(*['{"intent": "digest"}'] * 2)
        environment = {"KUNAK_MODEL_URL": fake.url, "KUNAK_MODEL_NAME": "fake-1"}
        found = await run_alone(tmp_path, environment, doubted)
        assert (found["intent"], fake.calls) == ("digest", 1)
        assert (await run_alone(tmp_path, environment, doubted, "--local"))["intent"] != "digest"
        assert fake.calls == 1
        fake.fail(Fault.SERVER_ERROR)
        assert (await run_alone(tmp_path, environment, doubted))["intent"] != "digest"


async def run_alone(folder: Path, environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """`kunak understand … --json` as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kunak", "understand", *arguments, "--json"),
        cwd=folder,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    found = json.loads(said)
    assert isinstance(found, dict)
    return found
