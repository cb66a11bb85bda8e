"""Folders in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/SPLIT.tsv`, each plain or `.gz`."""

import gzip
import json
import zlib
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
    answers: tuple[str, ...] = ()
    """Texts that answer it, where the set tells."""


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
    for number, line in lines_of(path):
        fields = object_of(path, number, line)
        yield Text(text_of(path, number, fields, "_id"), str(fields.get("title") or ""), str(fields.get("text") or ""))


def read_questions(folder: Path, split: str) -> list[Question]:
    """The questions of `split` that have an answer in the corpus, in the order of their file.

    Raises:
        NotFoundError, InvalidInputError: as above, or no question has an answer.
    """
    grades = _read_grades(_find(folder / "qrels" / f"{split}.tsv"))
    path = _find(folder / "queries.jsonl")
    questions = []
    for number, line in lines_of(path):
        fields = object_of(path, number, line)
        if right := grades.get(str(fields.get("_id"))):
            text = text_of(path, number, fields, "text")
            questions.append(Question(str(fields["_id"]), text, right, _answers(fields)))
    if not questions:
        raise InvalidInputError(f"No question of {path} has an answer in the split {split}.")
    return questions


def _answers(fields: dict[str, Any]) -> tuple[str, ...]:
    """As SQuAD and its like put them: texts, objects with a `text`, or an object with a list of them."""
    metadata = fields.get("metadata")
    given = fields.get("answers") or (metadata.get("answers") if isinstance(metadata, dict) else None) or []
    if isinstance(given, dict):
        given = given.get("text") or []
    listed = given if isinstance(given, list) else [given]
    texts = [each.get("text") if isinstance(each, dict) else each for each in listed]
    return tuple(dict.fromkeys(each for each in texts if isinstance(each, str) and each.strip()))


def _read_grades(path: Path) -> dict[str, dict[str, int]]:
    """Columns: question, document, grade; or TREC's four, with a column after the question that says nothing."""
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for number, line in lines_of(path):
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


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers from 1; of a plain file or a `.gz`.

    Raises:
        NotFoundError, InvalidInputError: the file cannot be read; the sentence says why.
    """
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no {path}.") from error
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InvalidInputError(f"{path} cannot be read: {error}.") from error


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def object_of(path: Path, number: int, line: str) -> dict[str, Any]:
    """
    Raises:
        InvalidInputError: the line is no JSON object; the sentence says which line.
    """
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise InvalidInputError(f"{path}, line {number}: not JSON.") from error
    if not isinstance(fields, dict):
        raise InvalidInputError(f"{path}, line {number}: not a JSON object.")
    return fields


def text_of(path: Path, number: int, fields: dict[str, Any], name: str) -> str:
    """
    Raises:
        InvalidInputError: the field is no text; the sentence says which line.
    """
    if not isinstance(fields.get(name), str):
        raise InvalidInputError(f"{path}, line {number}: {name} is not a text.")
    return str(fields[name])
