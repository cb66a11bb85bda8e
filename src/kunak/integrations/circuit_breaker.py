"""A circuit breaker: who fails again and again is left alone for a while, then tried with one request.

closed ──(failures in a row, or one FATAL)──▶ open ──(time)──▶ half-open: one request ──▶ closed, or open again

Use one from one event loop: nothing here is locked.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from kunak.foundation.errors import FatalError, KunakError, RetryableError, TerminalError

Clock = Callable[[], float]


class CircuitState(StrEnum):
    """Whether requests go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True)
class CircuitOptions:
    """When to leave a provider alone, and for how long: longer each time, and as long as it asks for, up to
    `longest_pause_s`. `blocked_s`: when only a person can mend it.
    """

    failures: int = 3
    first_pause_s: float = 15.0
    longest_pause_s: float = 300.0
    blocked_s: float = 300.0


class Circuit:
    """Of one provider, or of one model of it. State of this process only."""

    def __init__(self, options: CircuitOptions | None = None, clock: Clock = time.monotonic) -> None:
        self._options = options or CircuitOptions()
        self._clock = clock
        self._failures = 0
        self._openings = 0
        self._until: float | None = None
        self._probing = False
        self.last_error: KunakError | None = None

    @property
    def state(self) -> CircuitState:
        if self._until is None:
            return CircuitState.CLOSED
        return CircuitState.OPEN if self._probing or self._clock() < self._until else CircuitState.HALF_OPEN

    @property
    def again_in_s(self) -> float:
        """Seconds until it may be tried; 0 when it may be now."""
        return max(0.0, (self._until or 0.0) - self._clock()) if self._until is not None else 0.0

    def admit(self) -> "Permit | None":
        """Leave for one request; None while it is open. Half-open, the first request is the probe."""
        if self.state is CircuitState.OPEN:
            return None
        self._probing = self.state is CircuitState.HALF_OPEN
        return Permit(self, probing=self._probing)

    def close(self) -> None:
        self._failures, self._openings, self._until, self._probing = 0, 0, None, False
        self.last_error = None

    def end_probe(self) -> None:
        self._probing = False

    def note(self, error: KunakError, *, probing: bool) -> bool:
        """Take note of a failure; True when it is news: it opens a closed circuit, or now a person is needed."""
        was_closed = self._until is None
        if not was_closed and not probing:
            return False  # one of those that were under way when it opened
        needs_a_person = isinstance(error, FatalError) and not isinstance(self.last_error, FatalError)
        self.last_error = error
        self._failures += 1
        pause = self._pause(error, probing=probing)
        if pause is None:
            return False
        self._until = self._clock() + pause
        return was_closed or needs_a_person

    def _pause(self, error: KunakError, *, probing: bool) -> float | None:
        """Seconds; None: not yet."""
        if isinstance(error, FatalError):
            return self._options.blocked_s
        if isinstance(error, RetryableError) and error.retry_after:
            return min(error.retry_after, self._options.longest_pause_s)
        if not probing and self._failures < self._options.failures:
            return None
        self._openings += 1
        return float(min(self._options.first_pause_s * 2 ** (self._openings - 1), self._options.longest_pause_s))


class Permit:
    """Leave for one request, to be given back by telling how it went."""

    def __init__(self, circuit: Circuit, *, probing: bool) -> None:
        self.circuit = circuit
        self._probing = probing

    def succeeded(self) -> bool:
        """True when it had been left alone until now."""
        was_open = self.circuit.state is not CircuitState.CLOSED
        self.circuit.close()
        return was_open

    def failed(self, error: KunakError) -> bool:
        """See `Circuit.note`. One that refuses a request is well: it answers, if only to say no."""
        probing = self._probing
        self.let_go()
        if isinstance(error, TerminalError):
            self.circuit.close()
            return False
        return self.circuit.note(error, probing=probing)

    def let_go(self) -> None:
        """The request was given up by whoever asked: nothing was learnt, the next one may probe."""
        if self._probing:
            self._probing = False
            self.circuit.end_probe()
