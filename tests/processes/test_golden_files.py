"""Golden questions are read from JSON lines and from folders; a bad line is named, and nothing is taken."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from kunak.features.quality.schemas import Expected, NewQuestion, Origin
from kunak.foundation.errors import InvalidInputError, NotFoundError
from kunak.foundation.language.languages import Language
from kunak.processes.evaluation.golden_files import read_golden

GOOD: dict[str, Any] = {"question": "Когда открыт рынок?", "references": ["doc-1"]}


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    written = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes(gzip.compress(written.encode()) if path.suffix == ".gz" else written.encode())
    return path


@pytest.mark.parametrize("name", ["golden.jsonl", "golden.jsonl.gz"])
def test_each_line_is_a_question(tmp_path: Path, name: str) -> None:
    every = {
        "language": "ru",
        "answers": "в 9",
        "origin": "disliked",
        "note": "Боб",
        "way": None,
        "id": 7,
        "active": True,
    }
    path = write(tmp_path / name, GOOD, "", GOOD | every, {"question": "Who am I?", "unanswerable": True})
    assert read_golden(path, "test") == [
        NewQuestion(GOOD["question"], Language.RUSSIAN, Expected(("doc-1",)), Origin.HAND),
        NewQuestion(GOOD["question"], Language.RUSSIAN, Expected(("doc-1",), ("в 9",)), Origin.DISLIKED, note="Боб"),
        NewQuestion("Who am I?", Language.ENGLISH, Expected(unanswerable=True), Origin.HAND),
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("\x00\x01garbage", "line 2: not JSON"),
        ("[]", "line 2: not a JSON object"),
        ({"text": "?"}, "line 2: nothing is known of a field 'text'"),
        ({"references": ["doc-1"]}, "line 2: question is not a text"),
        (GOOD | {"question": "я" * 10_000}, "line 2: The question is longer than 2,000"),
        (GOOD | {"references": [1]}, "line 2: references is neither a text nor a list of texts"),
        (GOOD | {"answers": {"text": "x"}}, "line 2: answers is neither"),
        (GOOD | {"unanswerable": "no"}, "line 2: unanswerable is neither true nor false"),
        (GOOD | {"unanswerable": True}, "line 2: A question is either unanswerable or"),
        (GOOD | {"language": "fr"}, "line 2: language is not one of ru, en"),
        (GOOD | {"origin": ["hand"]}, "line 2: origin is not one of corpus, disliked, hand"),
        (GOOD | {"note": 5}, "line 2: note or way is not a text"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: dict[str, Any] | str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        read_golden(write(tmp_path / "golden.jsonl", GOOD, line), "test")


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("golden.jsonl", b"", InvalidInputError),
        ("golden.jsonl", b"\xff\xfe\x00", InvalidInputError),
        ("golden.jsonl.gz", b"not packed", InvalidInputError),
        ("golden.jsonl.gz", gzip.compress(b"{}" * 500)[:20], InvalidInputError),
        ("golden.jsonl.gz", gzip.compress(b"{}" * 500)[:12] + b"\xff" * 20, InvalidInputError),
        ("other.jsonl", b"", NotFoundError),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, error: type[Exception]) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=r"golden\.jsonl"):
        read_golden(tmp_path / ("golden.jsonl" if name == "other.jsonl" else name), "test")


@pytest.mark.parametrize(
    "answers",
    [
        {"answers": ["24", "двадцать четыре", "24"]},
        {"answers": {"text": ["24", "двадцать четыре"], "answer_start": [1, 2]}},
        {"metadata": {"answers": [{"text": "24", "answer_start": 1}, {"text": "двадцать четыре"}, 5]}},
    ],
)
def test_a_folder_gives_expected_documents_and_answers_where_it_has_them(
    tmp_path: Path, answers: dict[str, Any]
) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t1\nq2\td3\t0\n")
    write(tmp_path / "queries.jsonl", {"_id": "q1", "text": "Сколько?"} | answers, {"_id": "q2", "text": "Где?"})
    [question] = read_golden(tmp_path, "dev")
    assert question.expected == Expected(("d1", "d2"), ("24", "двадцать четыре"))
    with pytest.raises(NotFoundError, match=r"qrels/test\.tsv"):
        read_golden(tmp_path, "test")
