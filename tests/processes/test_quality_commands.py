"""`kunak eval …` from the outside: questions in, figures out, and exit codes that a script can trust."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from tests.features.search.town import entry, put
from tests.processes.conftest import Command

from kunak.foundation.db.engine import Sessions


class Lab:
    """`kunak eval` on the database of a test."""

    def __init__(self, command: Command) -> None:
        self._command = command

    async def __call__(self, *words: str) -> tuple[int, str]:
        return await self._command("eval", *words)

    async def json(self, *words: str, code: int = 0) -> Any:
        ended, said = await self(*words, "--json")
        assert ended == code, said
        return json.loads(next(line for line in said.splitlines() if line.startswith(("{", "["))))


@pytest.fixture
def lab(command: Command) -> Lab:
    return Lab(command)


@pytest.fixture
async def town(sessions: Sessions) -> Sessions:
    places = ("рынок", "мост", "вокзал", "музей", "родник", "причал", "сквер")
    await put(
        sessions,
        [
            entry(number, f"Здесь стоит {place}, открытый с {number + 6} часов.")
            for number, place in enumerate(places, 1)
        ],
    )
    return sessions


QUESTIONS = [
    {"question": f"С какого часа открыт {place}?", "references": [f"doc-{number}"]}
    for number, place in enumerate(("рынок", "мост", "вокзал", "музей", "родник", "причал"), 1)
]


async def test_alice_measures_her_answers_and_is_warned_of_a_loss(lab: Lab, town: Sessions, tmp_path: Path) -> None:
    path = tmp_path / "golden.jsonl"
    path.write_text("\n".join(map(json.dumps, QUESTIONS)))
    assert (await lab.json("questions", "import", str(path)))["added"] == 6
    first = await lab.json("answers", "--label", "as it was")
    assert (first["figures"]["correctness"], first["figures"]["support"], first["is_baseline"]) == (1, 1, True)
    async with town.begin() as session:  # the index says other things under the same references now
        await session.execute(text("UPDATE search_words SET words = to_tsvector('russian', 'пусто')"))
    worse = await lab.json("answers", code=3)
    assert (worse["against_baseline"]["worse"], worse["baseline"]) == (True, first["run"])
    assert [each["is_baseline"] for each in await lab.json("runs")] == [False, True]
    compared = await lab.json("compare", str(first["run"]), str(worse["run"]))
    assert [len(compared["got_worse"]), compared["got_better"], compared["common"]] == [6, [], 6]
    assert compared["got_worse"][0]["cited_after"] == []
    forced = await lab.json("answers", "--force")
    assert forced["baseline"] == forced["run"]


async def test_bob_reads_it_in_words(lab: Lab, town: Sessions) -> None:
    code, said = await lab("questions", "add", "Где рынок?", "--reference", "doc-1", "--reference", "doc-77")
    assert (code, "Not in the index" in said, "doc-77" in said) == (0, True, True)
    await lab("questions", "add", "Где мост?", "--disliked")
    _, said = await lab("questions", "list")
    assert "Где рынок?  → doc-1; doc-77" in said
    assert "inactive" in said
    code, said = await lab("answers", "--set", "hand", "--label", "проба")
    assert (code, "“проба”" in said, "This run is the baseline now." in said) == (0, True, True)
    _, said = await lab("runs")
    assert "answers:hand" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["answers"], "There is no active golden question"),
        (["questions", "add", "Где рынок?"], "Say what is right"),
        (["questions", "import", "/nowhere.jsonl"], "There is no /nowhere.jsonl"),
        (["compare", "1", "2"], "There is no run 1"),
    ],
)
async def test_charlie_is_told_what_is_wrong(lab: Lab, words: list[str], sentence: str) -> None:
    code, said = await lab(*words)
    assert (code, sentence in said, "Traceback" in said) == (1, True, False), said


async def test_a_ranking_is_kept_when_asked_for(lab: Lab, town: Sessions, tmp_path: Path) -> None:
    folder = tmp_path / "village"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text('{"_id": "d1", "text": "Рынок у реки."}\n{"_id": "d2", "text": "Мост."}\n')
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "Где рынок?"}\n')
    (folder / "qrels" / "test.tsv").write_text("q1\td1\t1\n")
    figures = await lab.json("retrieval", str(folder))
    assert list(figures) == ["ndcg@10", "recall@10", "recall@100", "mrr@10", "p50_ms", "p95_ms", "mode"]
    assert await lab.json("runs") == []
    assert list(await lab.json("retrieval", str(folder), "--keep", "--label", "v1")) == list(figures)
    [run] = await lab.json("runs")
    assert (run["kind"], run["set"], run["label"], run["is_baseline"]) == ("retrieval", "village/test", "v1", True)
    assert (run["figures"]["ndcg@10"], run["conditions"]["corpus_entries"]) == (1, 2)


async def test_a_measurement_leaves_no_traces(lab: Lab, town: Sessions) -> None:
    await lab("questions", "add", "Где рынок?", "--reference", "doc-1")
    await lab("questions", "add", "Какова масса Юпитера?", "--unanswerable")
    before = await rows(town)
    assert (await lab.json("answers"))["figures"]["correctness"] == 1
    after = await rows(town)
    assert {table for table in after if after[table] != before[table]} == {"quality_runs", "quality_results"}


async def rows(sessions: Sessions) -> dict[str, int]:
    """How many there are in every table."""
    tables = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    async with sessions() as session:
        names = list(await session.scalars(tables))
        return {name: (await session.execute(text(f'SELECT count(*) FROM "{name}"'))).scalar_one() for name in names}  # noqa: S608  names of our own tables
