"""Golden questions from files: JSON lines, or a folder in BEIR's layout."""

from pathlib import Path
from typing import Any, TypeVar

from kunak.features.quality import service as quality
from kunak.features.quality.schemas import Expected, NewQuestion, Origin
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.language.detect import detect_language
from kunak.foundation.language.languages import Language
from kunak.processes.evaluation.beir import lines_of, object_of, read_questions, text_of

_KNOWN = {"id", "question", "language", "references", "answers", "unanswerable", "origin", "way", "note", "active"}
"""All that is told of a kept question, so that it can be taken elsewhere; `id` and `active` are not read."""
Choice = TypeVar("Choice", Language, Origin)


def read_golden(path: Path, split: str) -> list[NewQuestion]:
    """The questions of a file, or those of `split` in a folder; every one is checked.

    Raises:
        NotFoundError, InvalidInputError: something cannot be read or used; the sentence says which line.
    """
    if path.is_dir():
        return [
            NewQuestion(each.text, detect_language(each.text), Expected(tuple(each.grades), each.answers), Origin.HAND)
            for each in read_questions(path, split)
        ]
    questions = [_read(path, number, object_of(path, number, line)) for number, line in lines_of(path)]
    if not questions:
        raise InvalidInputError(f"{path} holds no question.")
    return questions


def _read(path: Path, number: int, fields: dict[str, Any]) -> NewQuestion:
    where = f"{path}, line {number}"
    if unknown := sorted(fields.keys() - _KNOWN):
        raise InvalidInputError(f"{where}: nothing is known of a field {unknown[0]!r}; there are {_names()}.")
    unanswerable = fields.get("unanswerable", False)
    if not isinstance(unanswerable, bool):
        raise InvalidInputError(f"{where}: unanswerable is neither true nor false.")
    text = text_of(path, number, fields, "question")
    way, note = fields.get("way"), fields.get("note") or ""
    if not isinstance(note, str) or not isinstance(way, str | None):
        raise InvalidInputError(f"{where}: note or way is not a text.")
    question = NewQuestion(
        text,
        _choice(where, Language, fields, "language", detect_language(text)),
        Expected(_texts(where, fields, "references"), _texts(where, fields, "answers"), unanswerable),
        _choice(where, Origin, fields, "origin", Origin.HAND),
        way,
        note,
    )
    try:
        return quality.check_question(question)
    except InvalidInputError as error:
        raise InvalidInputError(f"{where}: {error}") from error


def _names() -> str:
    return ", ".join(sorted(_KNOWN))


def _texts(where: str, fields: dict[str, Any], name: str) -> tuple[str, ...]:
    """A text, or a list of them."""
    given = fields.get(name) or []
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
        raise InvalidInputError(f"{where}: {name} is neither a text nor a list of texts.")
    return tuple(texts)


def _choice(where: str, choices: type[Choice], fields: dict[str, Any], name: str, otherwise: Choice) -> Choice:
    given = fields.get(name, otherwise)
    if given not in list(choices):
        raise InvalidInputError(f"{where}: {name} is not one of {', '.join(choices)}.")
    return choices(given)
