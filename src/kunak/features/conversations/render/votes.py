"""The buttons by which people say what they think of an answer."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kunak.features.conversations.schemas import Tally

_DATA = re.compile(r"v:([0-9a-f]{32}):([ud])", re.ASCII)
_UP, _DOWN = "👍", "👎"

Row = list[dict[str, Any]]


def vote_row(key: UUID, *, own: bool | None = None, tally: Tally | None = None) -> Row:
    """For the answer `key`. `own`: the vote to be marked as chosen; `tally`: how many voted, where many may."""
    counts = tally or Tally()
    return [
        _button(_UP, f"v:{key.hex}:u", counts.ups, is_chosen=own is True),
        _button(_DOWN, f"v:{key.hex}:d", counts.downs, is_chosen=own is False),
    ]


def read_vote(data: str) -> tuple[UUID, bool] | None:
    """The answer, and whether it is liked; None when this is none of our data."""
    found = _DATA.fullmatch(data)
    return None if found is None else (UUID(found[1]), found[2] == "u")


def votes_among(keyboard: Sequence[Sequence[dict[str, Any]]]) -> list[Row]:
    """The rows to vote with; what a message shows may change, what people think of it goes on being asked."""
    return [list(row) for row in keyboard if all(_is_vote(button) for button in row)]


def answer_among(keyboard: Sequence[Sequence[dict[str, Any]]]) -> UUID | None:
    """The answer that is voted on."""
    votes = (read_vote(str(button.get("callback_data", ""))) for row in keyboard for button in row)
    return next((vote[0] for vote in votes if vote is not None), None)


def with_vote_row(keyboard: Sequence[Sequence[dict[str, Any]]], row: Row) -> list[Row]:
    """The same buttons, with this row in place of the one to vote with."""
    return [row if all(_is_vote(button) for button in each) else list(each) for each in keyboard]


def _is_vote(button: dict[str, Any]) -> bool:
    return read_vote(str(button.get("callback_data", ""))) is not None


def _button(label: str, data: str, count: int, *, is_chosen: bool) -> dict[str, Any]:
    label = f"{label} {count}" if count else label
    return {"text": f"✓ {label}" if is_chosen else label, "callback_data": data}
