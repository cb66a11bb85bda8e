"""Messages on their way: the shapes that cross the border of the ledger."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.foundation.errors import ErrorClass
from kunak.foundation.jobs.job import Job, Queue

Box = Literal["inbox", "outbox"]


class InboxState(StrEnum):
    """RECEIVED → PROCESSING → COMPLETED | FAILED → (retry) PROCESSING … | TERMINAL."""

    RECEIVED = "RECEIVED"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    TERMINAL = "TERMINAL"


class OutboxState(StrEnum):
    """PENDING → SENDING → DELIVERED | FAILED → (retry) SENDING … | TERMINAL."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    TERMINAL = "TERMINAL"


@dataclass(frozen=True, order=True)
class ChatKey:
    """A chat of a bot."""

    bot_id: int
    chat_id: int


@dataclass(frozen=True)
class AnswerChat(Job):
    """Take the turn of a chat and answer its first waiting message."""

    queue: ClassVar[Queue] = Queue.MESSAGES
    bot_id: int
    chat_id: int


@dataclass(frozen=True)
class DeliverToChat(Job):
    """Send the first waiting outbox message of a chat."""

    queue: ClassVar[Queue] = Queue.DELIVERIES
    bot_id: int
    chat_id: int


@dataclass(frozen=True)
class AnswerFleeting(Job):
    """Answer an update that nobody waits long for, unless it is too late."""

    queue: ClassVar[Queue] = Queue.FLEETING
    bot_id: int
    update_id: int


@dataclass(frozen=True)
class TellAdmins(Job):
    """Send an alert to every admin chat."""

    queue: ClassVar[Queue] = Queue.EFFECTS
    alert_id: int


@dataclass(frozen=True)
class WakeChats(Job):
    """Look for chats with work that nobody is doing, and wake them."""

    queue: ClassVar[Queue] = Queue.EFFECTS


@dataclass(frozen=True)
class ProbeBots(Job):
    """Try the bots that an error has paused; those that work answer again."""

    queue: ClassVar[Queue] = Queue.EFFECTS


@dataclass(frozen=True)
class PruneLedger(Job):
    """Forget messages that were done with long ago."""

    queue: ClassVar[Queue] = Queue.EFFECTS


FLEETING_KINDS = frozenset({"inline_query"})
"""Updates that are answered at once or never, past the order of their chat: one comes with every letter typed."""
STOP_KIND = "stopped_message_generation"
"""Ends the answer that holds the turn of its chat; heeded when it arrives, and takes no turn itself."""


def draft_id_of(message_id: int) -> int:
    """The number of the draft that answers a message of the inbox: one of 31 bits, and never zero."""
    return message_id % (2**31 - 1) + 1


@dataclass(frozen=True)
class NewUpdate:
    """An update as it arrived. `ordered`: it came in order (polling), so nothing earlier can still be on its way."""

    bot_id: int
    update_id: int
    chat_id: int
    kind: str
    payload: dict[str, Any]
    ordered: bool

    @property
    def is_fleeting(self) -> bool:
        return self.kind in FLEETING_KINDS

    @property
    def takes_a_turn(self) -> bool:
        """What takes none must not stand in the way of the chat's messages."""
        return not self.is_fleeting and self.kind != STOP_KIND


@dataclass(frozen=True)
class Fleeting:
    """A fleeting update. `is_newest`: no later one of this kind came from its person."""

    kind: str
    payload: dict[str, Any]
    age_s: float
    is_newest: bool


@dataclass(frozen=True)
class Say:
    """One Bot API call that puts something before people: `params` without the bot, as JSON values.

    `instead`: the same in a plainer form, for when Telegram refuses this one.
    """

    method: str
    params: dict[str, Any]
    instead: "Say | None" = None


MADE_AT_DELIVERY = "made_at_delivery"
"""In place of a file among the parameters of a `Say`; its value is the name by which it is made when it is sent."""

Keep = Callable[[AsyncSession], Awaitable[None]]
"""Writes something down in a transaction that others share: quickly, and never twice when it is called again."""


Note = Callable[[], Awaitable[None]]
"""Writes something down that matters less than the answer, in a transaction of its own; raises nothing."""


@dataclass(frozen=True)
class Reply:
    """What is to be said to a message, and what is written down together with it: both, or neither."""

    says: Sequence[Say] = ()
    keep: Keep | None = None
    why: str = ""
    """Why it is not answered, for those who read the ledger."""
    owed: Keep | None = None
    """What is written down even when the rest is thrown away, since more has come that belongs to the message."""
    has_nothing: bool = False
    """Nothing was found: what may still come of the question in a moment is waited for."""
    note: Note | None = None
    """Called once the answer is written down; not for one that is made anew since more has come."""


@dataclass(frozen=True)
class TurnPart:
    """A message that belongs to the one before it and is answered together with it."""

    message_id: int
    update_id: int
    payload: dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """The right and duty to answer one message of a chat, with what belongs to it. Only the holder of `lease` may
    finish it.

    `interrupted`: the worker that had it before never told how it ended. `stop_asked`: the person wants no answer any
    more, or no more of it.
    """

    chat: ChatKey
    lease: UUID
    message_id: int
    update_id: int
    kind: str
    payload: dict[str, Any]
    attempt: int
    received_at: datetime
    interrupted: bool
    stop_asked: bool = False
    more: tuple[TurnPart, ...] = ()
    """The rest of an album or of a burst, in order; all of one kind, from one person."""

    @property
    def message_ids(self) -> list[int]:
        return [self.message_id, *(part.message_id for part in self.more)]

    @property
    def payloads(self) -> list[dict[str, Any]]:
        return [self.payload, *(part.payload for part in self.more)]


@dataclass(frozen=True)
class Delivery:
    """The right and duty to send one outbox message, not before `wait` has passed.

    `interrupted`: the worker that had it before never told how it ended; it may be said twice now.
    """

    chat: ChatKey
    lease: UUID
    message_id: int
    method: str
    params: dict[str, Any]
    attempt: int
    wait: timedelta
    interrupted: bool
    instead: Say | None = None


@dataclass(frozen=True)
class NotYet:
    """The chat has work, but not before `wait` has passed."""

    wait: timedelta


@dataclass(frozen=True)
class HeldMessage:
    """A message of the inbox whose turn somebody has."""

    chat: ChatKey
    lease: UUID
    message_id: int


@dataclass(frozen=True)
class PreviewLeave:
    """Leave to show a group once how far an answer is, within `left_s` seconds.

    `message_id`: the message that shows it already, which is to be edited; None: one is to be sent.
    """

    message_id: int | None
    left_s: float


@dataclass(frozen=True)
class Failure:
    """What went wrong, in a word and a sentence. `retry_in`: None when it is not tried again by itself."""

    error_class: ErrorClass
    text: str
    retry_in: timedelta | None = None

    @property
    def pause_s(self) -> float | None:
        return None if self.retry_in is None else self.retry_in.total_seconds()


@dataclass(frozen=True)
class TurnResult:
    """How a turn ended: with what is to be said, or with a failure (and then, at the very end, an apology)."""

    turn: Turn
    says: tuple[Say, ...] = ()
    failure: Failure | None = None
    keep: Keep | None = None
    why: str = ""
    owed: Keep | None = None
    has_nothing: bool = False
    note: Note | None = None
    may_grow: bool = False
    """It was quick: should more of what it answers have come, that is answered together instead."""

    @property
    def state(self) -> InboxState:
        if self.failure is None:
            return InboxState.COMPLETED
        return InboxState.TERMINAL if self.failure.error_class is ErrorClass.TERMINAL else InboxState.FAILED


@dataclass(frozen=True)
class DeliveryResult:
    """How a delivery ended.

    `maybe_done`: it failed, but Telegram may have done it all the same; `slow_down`: Telegram asked us to wait;
    `instead`: it was refused for its form, and is to be said in this one.
    """

    delivery: Delivery
    telegram_message_id: int | None = None
    failure: Failure | None = None
    maybe_done: bool = False
    slow_down: bool = False
    move_to_chat_id: int | None = None
    instead: Say | None = None

    @property
    def state(self) -> OutboxState:
        if self.failure is None:
            return OutboxState.DELIVERED
        return OutboxState.TERMINAL if self.failure.error_class is ErrorClass.TERMINAL else OutboxState.FAILED


@dataclass(frozen=True)
class Limits:
    """Telegram's limits: messages a second per bot and per chat, and a minute per group."""

    per_bot: float = 30.0
    per_chat: float = 1.0
    per_group: int = 20


@dataclass(frozen=True)
class Alert:
    """A word to the admins: how often it would have been said, when first, and when it was told (None: not yet)."""

    key: str
    text: str
    times: int
    at: datetime
    told_at: datetime | None


@dataclass(frozen=True)
class LedgerLine:
    """A message as an admin sees it in a list."""

    id: int
    bot: str
    chat_id: int
    kind: str
    state: str
    attempt: int
    error_class: str | None
    error_text: str | None
    at: datetime


@dataclass(frozen=True)
class Transition:
    """One step of a message."""

    at: datetime
    state: str
    attempt: int
    error_class: str | None
    error_text: str | None


@dataclass(frozen=True)
class LedgerPage:
    """A message with all that happened to it, and what was said because of it."""

    line: LedgerLine
    payload: dict[str, Any]
    transitions: list[Transition]
    said: list["LedgerPage"] = field(default_factory=list)
