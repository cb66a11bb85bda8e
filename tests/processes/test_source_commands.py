"""`kunak source …` and `kunak ingest`, as a person types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kunak.cli import main

Run = Callable[..., Result]
PAGE = "<html lang=en><head><title>Bridge</title></head><body><article><p>{}</p></article></body></html>"


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("KUNAK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, words)


@pytest.fixture
def export(tmp_path: Path) -> str:
    messages = [{"id": n, "type": "message", "date_unixtime": "1763456400", "text": f"Новость {n}"} for n in (1, 2)]
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"name": "Вести", "type": "public_channel", "id": 77, "messages": messages}))
    return str(path)


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_saved_page_is_previewed_without_a_database(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE.format("The bridge over the river is closed until Friday. " * 5))
    seen = read(CliRunner().invoke(main, ["source", "preview", str(path)]))
    [post] = seen["posts"]
    assert (seen["kind"], seen["title"], post["title"]) == ("site", "Bridge", "Bridge")
    assert post["text"].startswith("The bridge over the river is closed")
    assert {"id", "url", "time", "title", "text", "media"} <= post.keys()


def test_alice_adds_a_source_reads_it_and_removes_it(run: Run, export: str) -> None:
    added = read(run("source", "add", export, "--json"))
    assert (added["source"]["kind"], len(added["preview"]["posts"])) == ("telegram_export", 2)
    assert read(run("ingest", "--json")) == {
        "sources": 1,
        "added": 2,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
        "failed": 0,
    }
    assert run("ingest").stdout == "Nothing is due.\n"
    assert read(run("source", "run", "Вести", "--json"))["reading"]["outcome"] == "read"
    [known] = read(run("source", "list", "--json"))
    assert (known["counters"]["added"], known["error"]) == (2, None)
    assert read(run("source", "pause", "1", "--json"))["state"] == "paused"
    assert read(run("source", "resume", "1", "--json"))["state"] == "active"
    assert "Вести (source 1)" in run("source", "show", "1").stdout
    assert read(run("source", "remove", "1", "--yes", "--json"))["documents"] == 2
    assert run("source", "list").stdout.startswith("There is no source yet")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("source", "show", "nothing"), "Error: There is no source nothing."),
        (("source", "show", "9" * 30), "Error: There is no source 999"),
        (("source", "add", "none.jsonl"), "Error: There is no file none.jsonl"),
        (("source", "add", "http://127.0.0.1/"), "Error: 127.0.0.1 is not on the public internet"),
        (("source", "preview", "page.html"), "Error: There is no file page.html"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run: Run, words: tuple[str, ...], sentence: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert result.output.startswith(sentence)
    assert "Traceback" not in result.output
