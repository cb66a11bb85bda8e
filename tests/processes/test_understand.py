"""`kunak understand` needs nothing but the package."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.processes.conftest import Command

from kunak.cli import main
from kunak.features.understanding import service
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


async def test_a_configured_model_is_asked_where_we_are_in_doubt(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def intent_of(*words: str) -> str:
        _, said = await command("understand", *words, "--json")
        return str(json.loads(said)["intent"])

    doubted = "the bridge"
    monkeypatch.setattr(service, "open_refiner", partial(service.Refiner, time_limit_s=60))
    async with FakeProvider() as fake:
        monkeypatch.setenv("KUNAK_MODEL_URL", fake.url)
        monkeypatch.setenv("KUNAK_MODEL_NAME", "fake-1")
        fake.say(*['{"intent": "digest"}'] * 2)
        assert (await intent_of(doubted), fake.calls) == ("digest", 1)
        assert await intent_of(doubted, "--local") != "digest"
        assert fake.calls == 1
        fake.fail(Fault.SERVER_ERROR)
        assert await intent_of(doubted) != "digest"
