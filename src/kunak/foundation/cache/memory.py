"""A cache of this process, bounded by entries and by bytes; what was not wanted for longest goes first."""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

_OVERHEAD = 250
"""Bytes that an entry takes besides its value."""


class MemoryCache:
    """As `Cache` says."""

    def __init__(self, *, most_entries: int, most_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_entries, self._most_bytes, self._clock = most_entries, most_bytes, clock
        self._kept: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    async def get(self, key: str) -> bytes | None:
        value, until = self._kept.get(key, (None, 0.0))
        if value is None:
            return None
        if until <= self._clock():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return value

    async def set(self, key: str, value: bytes, lifetime: timedelta) -> None:
        self._drop(key)
        if len(value) + _OVERHEAD > self._most_bytes:
            return
        self._kept[key] = value, self._clock() + lifetime.total_seconds()
        self._bytes += len(value) + _OVERHEAD
        while self._bytes > self._most_bytes or len(self._kept) > self._most_entries:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self._bytes -= len(dropped[0]) + _OVERHEAD
