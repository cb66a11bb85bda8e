"""Which waiting messages are one: an album, a comment and what it comes with, a text that a client had to split.

Only what is written down decides, never the moment of asking: a worker that takes over from a dead one joins the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kunak.features.messaging.repository.inbox import Follower, Head
from kunak.features.messaging.schemas import Turn
from kunak.integrations.telegram.incoming import IncomingMessage, read_message

MOST_PARTS = 100
"""Telegram lets so many be forwarded at once."""
_PATIENCE = 5
"""So many pauses are waited at most, however long somebody goes on writing."""
_NEARLY_FULL = 3_500
"""Characters: a client that splits a long text fills each message about so far."""
_CLOCK_STEP_S = 1
"""Telegram tells when a message was sent in whole seconds."""


@dataclass(frozen=True)
class Joined:
    """What is answered together with the first message, once `pause_s` has passed: until then more may come."""

    parts: Sequence[Follower]
    pause_s: float


def join(head: Head, followers: Sequence[Follower], burst_s: float) -> Joined:
    """`burst_s`: what comes within so many seconds belongs together; 0: nothing does."""
    first = _read(head.kind, head.payload)
    if first is None or burst_s <= 0:
        return Joined((), 0.0)
    parts = list(_chain(first, head.age_s, followers, burst_s))[: MOST_PARTS - 1]
    if not parts and not _announces_more(first):
        return Joined((), 0.0)
    youngest = min([head.age_s, *(part.age_s for part in parts)])
    left = min(burst_s - youngest, _PATIENCE * burst_s - head.age_s)
    return Joined(parts, max(0.0, left) if len(parts) < MOST_PARTS - 1 else 0.0)


def late_parts(turn: Turn, age_s: float, followers: Sequence[Follower], burst_s: float) -> list[Follower]:
    """What came while the turn was being answered, and belongs to it. `age_s`: of its last message."""
    last = _read(turn.kind, turn.payloads[-1])
    room = MOST_PARTS - len(turn.message_ids)
    return [] if last is None else list(_chain(last, age_s, followers, burst_s))[:room]


def _chain(last: IncomingMessage, age_s: float, followers: Sequence[Follower], burst_s: float) -> Iterator[Follower]:
    """Those of the same person and topic, until one that stands for itself; other people are stepped over."""
    for each in followers:
        said = _read(each.kind, each.payload, besides_commands=False)
        if said is None or (said.sender_id, said.thread_id) != (last.sender_id, last.thread_id):
            continue
        if said.is_command or not _belongs(last, said, gap_s=abs(age_s - each.age_s), burst_s=burst_s):
            return
        yield each
        last, age_s = said, each.age_s


def _belongs(last: IncomingMessage, said: IncomingMessage, *, gap_s: float, burst_s: float) -> bool:
    """Both clocks are asked: after an hour without us all that was written in it arrives at once."""
    if said.album_id is not None and said.album_id == last.album_id:
        return True
    return gap_s <= burst_s and abs(said.sent_at - last.sent_at) <= burst_s + _CLOCK_STEP_S


def _announces_more(first: IncomingMessage) -> bool:
    return first.album_id is not None or first.is_forward or len(first.text) >= _NEARLY_FULL


def _read(kind: str, payload: dict[str, Any], *, besides_commands: bool = True) -> IncomingMessage | None:
    """The message, when somebody wrote it."""
    message = read_message(payload.get(kind)) if kind == "message" else None
    if message is None or message.sender_id is None or (besides_commands and message.is_command):
        return None
    return message
