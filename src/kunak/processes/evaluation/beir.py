"""Folders in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv`, each plain or `.gz`."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from kunak.foundation.errors import InvalidInputError, NotFoundError


@dataclass(frozen=True)
class Text:
    """A document of a corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Question:
    """A question, and how well each document that answers it does (a positive grade)."""

    id: str
    text: str
    grades: dict[str, int]


def find_corpus(folder: Path) -> Path:
    """
    Raises:
        NotFoundError: there is none.
    """
    return _find(folder / "corpus.jsonl")


def read_texts(path: Path) -> Iterator[Text]:
    """The documents of a corpus, one by one.

    Raises:
        NotFoundError, InvalidInputError: the file or a line of it cannot be read; the sentence says which.
    """
    for number, line in _lines(path):
        fields = _object(path, number, line)
        yield Text(_text(path, number, fields, "_id"), str(fields.get("title") or ""), str(fields.get("text") or ""))


def read_questions(folder: Path, split: str) -> list[Question]:
    """The questions of `split` that have an answer in the corpus, in the order of their file.

    Raises:
        NotFoundError, InvalidInputError: as above, or no question has an answer.
    """
    grades = _read_grades(_find(folder / "qrels" / f"{split}.tsv"))
    path = _find(folder / "queries.jsonl")
    questions = []
    for number, line in _lines(path):
        fields = _object(path, number, line)
        if right := grades.get(str(fields.get("_id"))):
            questions.append(Question(str(fields["_id"]), _text(path, number, fields, "text"), right))
    if not questions:
        raise InvalidInputError(f"No question of {path} has an answer in the split {split}.")
    return questions


def _read_grades(path: Path) -> dict[str, dict[str, int]]:
    """Columns: question, document, grade; or TREC's four, with a column after the question that says nothing."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for number, line in _lines(path):
        columns = line.split("\t") if "\t" in line else line.split()
        if number == 1 and columns[-1].strip().lower() == "score":
            continue
        try:
            question, *_, document, grade = columns[0], *columns[1:-1], int(columns[-1])
        except ValueError as error:
            raise InvalidInputError(f"{path}, line {number}: not a question, a document and a grade.") from error
        if grade > 0:
            grades[question][document] = grade
    return grades


def _find(path: Path) -> Path:
    for candidate in (path, path.with_name(f"{path.name}.gz")):
        if candidate.is_file():
            return candidate
    raise NotFoundError(f"There is no {path}, nor {path.name}.gz beside it.")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no {path}.") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} cannot be read: {error}.") from error


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise InvalidInputError(f"{path}, line {number}: not JSON.") from error
    if not isinstance(fields, dict):
        raise InvalidInputError(f"{path}, line {number}: not a JSON object.")
    return fields


def _text(path: Path, number: int, fields: dict[str, Any], name: str) -> str:
    if not isinstance(fields.get(name), str):
        raise InvalidInputError(f"{path}, line {number}: {name} is not a text.")
    return str(fields[name])
