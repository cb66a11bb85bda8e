"""A provider that fails again and again is left alone for a while."""

import time
from collections.abc import Callable

from kunak.foundation.errors import ErrorClass, KunakError

_LONGEST_PAUSE_S = 3_600.0
"""Whatever a provider asks for; then one probe is made."""


class CircuitBreaker:
    """Closed (asked freely) → open after `failures` in a row → after `pause_s` one probe decides.

    A FATAL error opens it at once; a TERMINAL one is about what was asked and says nothing about the provider.
    Use it from one event loop: nothing here is locked.
    """

    def __init__(
        self, *, failures: int = 5, pause_s: float = 30.0, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._pause_s = pause_s
        self._seconds = seconds
        self._in_a_row = 0
        self._opens_at: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        return self._opens_at is not None

    def may_ask(self) -> bool:
        """Whether to ask now. A yes is to be followed by `succeeded`, `failed` or `abandoned`."""
        if self._opens_at is None:
            return True
        if self._probing or self._seconds() < self._opens_at:
            return False
        self._probing = True
        return True

    def succeeded(self) -> bool:
        """Whether this closed it."""
        was_open = self.is_open
        self._in_a_row, self._opens_at, self._probing = 0, None, False
        return was_open

    def failed(self, error: KunakError) -> bool:
        """Whether this opened it; a probe that fails keeps it open, for another pause."""
        if error.error_class is ErrorClass.TERMINAL:
            self.abandoned()
            return False
        self._in_a_row += 1
        was_open = self.is_open
        if was_open or error.error_class is ErrorClass.FATAL or self._in_a_row >= self._limit:
            asked = min(getattr(error, "retry_after", None) or 0.0, _LONGEST_PAUSE_S)
            self._opens_at = self._seconds() + max(self._pause_s, asked)
        self._probing = False
        return self.is_open and not was_open

    def abandoned(self) -> None:
        """Asked, but nothing was learnt about the provider: the next one may probe."""
        self._probing = False
