"""Counts in this process."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from kunak.foundation.counting.interface import Counted


class MemoryCounter:
    """As `Counter` says. Of more than `most_keys` at a time, those whose windows end soonest are forgotten."""

    def __init__(self, window_s: int, *, most_keys: int = 50_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._window_s, self._most_keys, self._clock = window_s, most_keys, clock
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()  # in the order in which they end

    async def count(self, key: str) -> Counted:
        now = self._clock()
        self._forget_ended(now)
        count, ends = self._windows.get(key, (0, now + self._window_s))
        self._windows[key] = count + 1, ends
        if len(self._windows) > self._most_keys:
            self._windows.popitem(last=False)
        return Counted(count + 1, math.ceil(ends - now))

    def _forget_ended(self, now: float) -> None:
        while self._windows and next(iter(self._windows.values()))[1] <= now:
            self._windows.popitem(last=False)
