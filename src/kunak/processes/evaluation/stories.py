"""`kunak eval stories`: how well pairs of articles are told apart that tell one event, or two."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import Sameness
from kunak.foundation.errors import InvalidInputError, NotFoundError


@dataclass(frozen=True)
class StoryFigures:
    """Of "same event": 0 to 1. Of near-copies the part that do tell one event; 1 when no pair was taken for copies."""

    precision: float
    recall: float
    f1: float
    near_copy_precision: float
    near_copies: int
    pairs: int

    def as_json(self) -> dict[str, Any]:
        return {name: round(value, 4) for name, value in vars(self).items()}


def evaluate_stories(path: Path) -> StoryFigures:
    """Judge the pairs of a file of JSON lines (plain or .gz): `first` and `second` with `title` and `text`, and `same`.

    Raises:
        NotFoundError, InvalidInputError: the file is missing or cannot be read; the sentence says why.
    """
    judged = [(_judge(pair), bool(pair["same"])) for pair in _read_pairs(path)]
    if not judged:
        raise InvalidInputError(f"{path} holds no pairs.")
    return _measure(judged)


def _measure(judged: Sequence[tuple[Sameness, bool]]) -> StoryFigures:
    taken = [same for sameness, same in judged if sameness.is_event]
    copies = [same for sameness, same in judged if sameness.is_copy]
    right, wanted = sum(taken), sum(same for _, same in judged)
    return StoryFigures(
        precision=right / len(taken) if taken else 0.0,
        recall=right / wanted if wanted else 0.0,
        f1=2 * right / (len(taken) + wanted) if taken or wanted else 0.0,
        near_copy_precision=sum(copies) / len(copies) if copies else 1.0,
        near_copies=len(copies),
        pairs=len(judged),
    )


def _judge(pair: dict[str, Any]) -> Sameness:
    first, second = pair["first"], pair["second"]
    return ingestion.compare_texts((first["title"], first["text"]), (second["title"], second["text"]))


def _read_pairs(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}.")
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _check(orjson.loads(line), f"{path}, line {number}")
    except (OSError, EOFError, orjson.JSONDecodeError) as error:
        raise InvalidInputError(f"{path} cannot be read: {error}.") from None


def _check(pair: Any, place: str) -> dict[str, Any]:
    if not isinstance(pair, dict) or not isinstance(pair.get("same"), bool):
        raise InvalidInputError(f"{place}: `same` must be true or false.")
    return {"same": pair["same"]} | {name: _check_text(pair.get(name), place) for name in ("first", "second")}


def _check_text(article: Any, place: str) -> dict[str, str]:
    if not isinstance(article, dict) or not isinstance(article.get("text"), str):
        raise InvalidInputError(f"{place}: `first` and `second` need a `text`.")
    title = article.get("title")
    return {"title": title if isinstance(title, str) else "", "text": article["text"]}
