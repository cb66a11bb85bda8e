"""The quality lab measures what it should, in a database of its own, and leaves nothing behind."""

import asyncio
import gzip
import json
from pathlib import Path

import pytest
from sqlalchemy import text

from kunak.foundation.db.engine import create_engine
from kunak.foundation.db.scratch import scratch_database
from kunak.foundation.errors import InvalidInputError, NotFoundError
from kunak.processes.evaluation.beir import Question, read_questions
from kunak.processes.evaluation.measures import ndcg, percentile, recall, reciprocal_rank
from kunak.processes.evaluation.retrieval import evaluate_retrieval

CORPUS = [("d1", "Рынок открыт по субботам."), ("d2", "Мост на ремонте."), ("d3", "Рынок и мост рядом.")]
QUESTIONS = [("q1", "когда открыт рынок"), ("q2", "ремонт моста"), ("q3", "нигде не отмечен")]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td3\t1\nq2\td2\t1\nq2\td3\t0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt") as packed:
        packed.writelines(json.dumps({"_id": each, "title": "", "text": words}) + "\n" for each, words in CORPUS)
    lines = [json.dumps({"_id": each, "text": words}) for each, words in QUESTIONS]
    (tmp_path / "queries.jsonl").write_text("\n".join(lines))
    (tmp_path / "qrels" / "test.tsv").write_text(QRELS)
    return tmp_path


def silently(_stage: str, _done: int, _total: int | None) -> None:
    """Nobody looks on."""


async def scratch_databases(server_url: str) -> set[str]:
    engine = create_engine(server_url)
    async with engine.connect() as connection:
        names = await connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE 'kunak_scratch_%'"))
        found = set(names)
    await engine.dispose()
    return found


async def test_alice_measures_her_questions(server_url: str, folder: Path) -> None:
    background = folder / "more.jsonl"
    background.write_text('{"_id": "d1", "text": "Тот же номер, о другом."}\n')
    measured = await evaluate_retrieval(server_url, folder, "test", background=[background], report=silently)
    figures = measured.as_json()
    assert list(figures) == ["ndcg@10", "recall@10", "recall@100", "mrr@10", "p50_ms", "p95_ms", "mode"]
    assert [figures[name] for name in ("ndcg@10", "recall@10", "recall@100", "mrr@10", "mode")] == [
        1,
        1,
        1,
        1,
        "lexical",
    ]


async def test_an_interrupted_measurement_leaves_no_database(server_url: str, folder: Path) -> None:
    before = await scratch_databases(server_url)
    started = asyncio.Event()
    task = asyncio.create_task(
        evaluate_retrieval(server_url, folder, "test", background=[], report=lambda *_: started.set())
    )
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await scratch_databases(server_url) <= before


async def test_what_a_killed_process_left_is_dropped_by_the_next_but_not_what_is_used(server_url: str) -> None:
    left = "kunak_scratch_0123456789ab"
    engine = create_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {left}"))
    await engine.dispose()
    async with scratch_database(server_url) as one, scratch_database(server_url) as two:
        there = await scratch_databases(server_url)
        assert {url.rpartition("/")[2] for url in (one, two)} <= there
        assert left not in there


def test_measures() -> None:
    grades = {"a": 2, "b": 1}
    assert ndcg(["a", "b"], grades, 10) == 1
    assert ndcg(["x", "a"], grades, 10) == pytest.approx((2 / 1.58496) / (2 + 1 / 1.58496), rel=1e-4)
    assert recall(["a", "x", "b"], grades, 2) == 0.5
    assert reciprocal_rank(["x", "b"], grades, 10) == 0.5
    assert reciprocal_rank(["x", "b"], grades, 1) == 0
    assert [percentile([3, 1, 2, 4], part) for part in (0.5, 0.95)] == [2, 4]


def test_only_questions_with_an_answer_are_asked(folder: Path) -> None:
    assert read_questions(folder, "test") == [
        Question("q1", "когда открыт рынок", {"d1": 2, "d3": 1}),
        Question("q2", "ремонт моста", {"d2": 1}),
    ]


@pytest.mark.parametrize(
    ("file", "content", "error", "sentence"),
    [
        ("qrels/test.tsv", "q1\td1\tgood\n", InvalidInputError, "line 1: not a question, a document and a grade"),
        ("qrels/test.tsv", "", InvalidInputError, "No question"),
        ("qrels/other.tsv", "", NotFoundError, "qrels/test.tsv"),
        ("queries.jsonl", "{oops\n", InvalidInputError, "line 1: not JSON"),
        ("queries.jsonl", "[]\n", InvalidInputError, "line 1: not a JSON object"),
        ("queries.jsonl", '{"_id": "q1"}\n', InvalidInputError, "line 1: text is not a text"),
    ],
)
def test_a_bad_file_is_named(folder: Path, file: str, content: str, error: type[Exception], sentence: str) -> None:
    (folder / file).write_text(content)
    if file == "qrels/other.tsv":
        (folder / "qrels" / "test.tsv").unlink()
    with pytest.raises(error, match=sentence):
        read_questions(folder, "test")
