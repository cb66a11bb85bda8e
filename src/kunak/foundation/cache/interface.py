"""A place for what was costly to make and may be given again for a while. Losing it costs time and nothing else."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import orjson


@dataclass(frozen=True)
class Namespace:
    """Values of one shape and one lifetime."""

    name: str
    version: int
    """Raised whenever values begin to be made or written differently: older ones are then never read."""
    lifetime: timedelta

    def key(self, *parts: object) -> str:
        """The key of what `parts` (JSON values) make; short, however long they are."""
        digest = hashlib.sha256(orjson.dumps(parts)).hexdigest()[:40]
        return f"kunak:{self.name}:{self.version}:{digest}"


class Cache(Protocol):
    """Never raises: what it cannot give is not there, what it cannot keep is not kept."""

    async def get(self, key: str) -> bytes | None:
        """What was kept, unless its lifetime is over."""

    async def set(self, key: str, value: bytes, lifetime: timedelta) -> None:
        """Keeps `value`, at most so long."""
