"""Questions, what makes an answer right, and answers as they are judged."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kunak.foundation.language.languages import Language


class Origin(StrEnum):
    """Where a golden question comes from."""

    CORPUS = "corpus"
    """Made from a passage."""
    DISLIKED = "disliked"
    """Asked by somebody who did not like the answer."""
    HAND = "hand"
    """Written by a person, or taken from a set that people wrote."""


@dataclass(frozen=True)
class Expected:
    """What makes an answer right: all that is given here must hold."""

    references: tuple[str, ...] = ()
    """One of these documents is cited."""
    answers: tuple[str, ...] = ()
    """One of these texts stands in the answer."""
    unanswerable: bool = False
    """Right is to say that nothing was found."""

    @property
    def is_known(self) -> bool:
        return self.unanswerable or bool(self.references or self.answers)


@dataclass(frozen=True)
class NewQuestion:
    """A golden question to be kept. Without a known answer it waits, inactive, until somebody says what is right."""

    text: str
    language: Language
    expected: Expected
    origin: Origin
    way: str | None = None
    """How a made question was made."""
    note: str = ""


@dataclass(frozen=True)
class GoldenQuestion:
    """One that is kept."""

    id: int
    text: str
    language: Language
    expected: Expected
    origin: Origin
    way: str | None
    note: str
    active: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "question": self.text,
            "language": self.language.value,
            "references": list(self.expected.references),
            "answers": list(self.expected.answers),
            "unanswerable": self.expected.unanswerable,
            "origin": self.origin.value,
            "way": self.way,
            "note": self.note,
            "active": self.active,
        }


@dataclass(frozen=True)
class Kept:
    """What became of questions that were given."""

    added: int
    changed: int
    unchanged: int
    missing: tuple[str, ...] = ()
    """References that are expected and not in the index."""


@dataclass(frozen=True)
class Cited:
    """A source of an answer, and the stretch of it that is shown."""

    reference: str
    quote: str
    also: tuple[str, ...] = ()
    """Documents that tell the same story, and are named beside it."""


@dataclass(frozen=True)
class Given:
    """An answer as it is judged."""

    text: str
    """What the reader is told. Where a model wrote it, `[1]` behind a claim names the first of `citations`."""
    citations: tuple[Cited, ...]
    refused: bool = False
    """It says that nothing was found."""
    is_generated: bool = False
    """Else the text is the quotes."""
    cost: Decimal = Decimal(0)
    """US dollars."""


Ask = Callable[[str, Language], Awaitable[Given]]
"""Answers a question as a reader of this language would be answered. It must write nothing down."""

Report = Callable[[str, int, int | None], None]
"""Is told what is being done, how much of it is done, and how much there is."""
