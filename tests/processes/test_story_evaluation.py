"""`kunak eval stories`: figures from pairs, and plain words for what is no pair."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kunak.cli import main

FIRE = "В Адлере загорелся склад стройматериалов на улице Кирова. Площадь пожара 800 квадратных метров."
FIRE_TOLD_ANEW = "Пожар на Кирова в Адлере: горят 800 метров склада со стройматериалами, рассказали очевидцы."
THEATRE = "Зимний театр открывает сезон премьерой «Чайки». Билеты продают с понедельника."


def pair(first: str, second: str, *, same: bool) -> dict[str, Any]:
    return {"first": {"title": "", "text": first}, "second": {"title": "", "text": second}, "same": same}


def write(path: Path, *pairs: object) -> Path:
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, pairs)).encode()))
    return path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["eval", "stories", *words])
    return result.exit_code, result.output


def test_figures_are_of_the_same_event_and_of_copies(tmp_path: Path) -> None:
    pairs = [pair(FIRE, FIRE, same=True), pair(FIRE, FIRE_TOLD_ANEW, same=True), pair(FIRE, THEATRE, same=True)]
    _, printed = run(str(write(tmp_path / "pairs.jsonl.gz", *pairs, pair(FIRE, FIRE, same=False))), "--json")
    figures = json.loads(printed)
    assert (figures["precision"], figures["recall"], figures["f1"]) == (0.6667, 0.6667, 0.6667)
    assert (figures["near_copy_precision"], figures["near_copies"]) == (0.5, 2)


@pytest.mark.parametrize("bad", [{"first": {}}, 5, {"first": {"text": "a"}, "second": {"text": "b"}, "same": "yes"}])
def test_what_is_no_pair_is_named(tmp_path: Path, bad: object) -> None:
    code, printed = run(str(write(tmp_path / "pairs.jsonl.gz", pair(FIRE, FIRE, same=True), bad)))
    assert code == 1
    assert "line 2" in printed


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert run(str(tmp_path / "none.jsonl")) == (1, f"Error: There is no file {tmp_path / 'none.jsonl'}.\n")


@pytest.mark.parametrize("name", ["ru-dev", "ru-train", "en-train"])
def test_real_pairs_are_told_apart(shared_data: Path, name: str) -> None:
    _, printed = run(str(shared_data / "stories" / f"{name}.jsonl.gz"), "--json")
    assert json.loads(printed)["f1"] > 0.75
