"""Faults on demand: what goes wrong, for whom, how often."""

import random
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The first seven hit calls of a bot, the last two hit updates on their way to it."""

    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL_ERROR = "internal_error"
    BAD_GATEWAY = "bad_gateway"
    HANG = "hang"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    BLOCKED = "blocked"
    DUPLICATE_UPDATE = "duplicate_update"
    OUT_OF_ORDER_UPDATE = "out_of_order_update"

    @property
    def hits_updates(self) -> bool:
        return self in (FaultKind.DUPLICATE_UPDATE, FaultKind.OUT_OF_ORDER_UPDATE)


@dataclass
class Fault:
    """What is to go wrong. None for `method`, `bot_id` or `chat_id` means any; None for `times` means without end.

    `retry_after` (seconds) is told with 429; `seconds` is how long a hanging call hangs before its connection drops.
    For updates `method` is the kind of update, such as `message`.
    """

    kind: FaultKind
    method: str | None = None
    bot_id: int | None = None
    chat_id: int | None = None
    times: int | None = 1
    probability: float = 1.0
    retry_after: int = 1
    seconds: float = 60.0
    id: int = 0
    hits: int = 0

    def is_about(self, method: str, bot_id: int, chat_id: int | None) -> bool:
        return (
            (self.method is None or self.method.lower() == method.lower())
            and self.bot_id in (None, bot_id)
            and self.chat_id in (None, chat_id)
        )


class Faults:
    """The faults in force. `seed` makes those with a probability fall the same way each time."""

    def __init__(self, seed: int | None = None) -> None:
        self.active: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311 - chance for tests, not a secret
        self._last_id = 0

    def seed(self, seed: int) -> None:
        self._random.seed(seed)

    def add(self, fault: Fault) -> Fault:
        self._last_id += 1
        fault.id = self._last_id
        self.active.append(fault)
        return fault

    def remove(self, fault_id: int) -> bool:
        """Whether there was such a fault."""
        left = [fault for fault in self.active if fault.id != fault_id]
        removed = len(left) < len(self.active)
        self.active = left
        return removed

    def clear(self) -> None:
        self.active = []

    def strike_call(self, method: str, bot_id: int, chat_id: int | None) -> Fault | None:
        """The fault that hits this call, counted; None when it goes well."""
        return self._strike(method, bot_id, chat_id, updates=False) if self.active else None

    def strike_update(self, kind: str, bot_id: int, chat_id: int) -> Fault | None:
        return self._strike(kind, bot_id, chat_id, updates=True) if self.active else None

    def _strike(self, method: str, bot_id: int, chat_id: int | None, *, updates: bool) -> Fault | None:
        for fault in self.active:
            if fault.kind.hits_updates is not updates or not fault.is_about(method, bot_id, chat_id):
                continue
            if fault.probability < 1.0 and self._random.random() >= fault.probability:
                continue
            fault.hits += 1
            if fault.times is not None and fault.hits >= fault.times:
                self.active.remove(fault)
            return fault
        return None
