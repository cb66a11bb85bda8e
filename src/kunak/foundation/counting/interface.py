"""How often something happened of late, per key: the memory behind limits."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Counted:
    """How often in the present window, this time included, and in how many whole seconds the window ends."""

    count: int
    ends_in_s: int


class Counter(Protocol):
    """Counts in windows of one length, each of which begins with the first time it counts."""

    async def count(self, key: str) -> Counted: ...
