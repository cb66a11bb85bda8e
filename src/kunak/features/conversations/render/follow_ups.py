"""The buttons that ask a question which may come next."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kunak.features.conversations.render.results import shorten

_DATA = re.compile(r"f:([0-9a-f]{32}):(\d)", re.ASCII)
_LONGEST_LABEL = 60

Rows = list[list[dict[str, Any]]]


def follow_up_rows(key: UUID, questions: Sequence[str], followed: Sequence[int] = ()) -> Rows:
    """One below the other: a question needs the width. `followed`: the numbers of those that were asked."""
    return [
        [{"text": shorten(question, _LONGEST_LABEL), "callback_data": f"f:{key.hex}:{number}"}]
        for number, question in enumerate(questions)
        if number not in followed
    ]


def read_follow_up(data: str) -> tuple[UUID, int] | None:
    """The answer below which it stands, and which of its questions; None when this is none of our data."""
    found = _DATA.fullmatch(data)
    return None if found is None else (UUID(found[1]), int(found[2]))


def without_button(keyboard: Sequence[Sequence[dict[str, Any]]], data: str) -> Rows:
    """All buttons but this one."""
    rows = ([button for button in row if button.get("callback_data") != data] for row in keyboard)
    return [row for row in rows if row]
