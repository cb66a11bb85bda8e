"""Closed, open, half open, as the answers come."""

from kunak.foundation.errors import FatalError, KunakError, RetryableError, TerminalError
from kunak.integrations.circuit_breaker import Circuit, CircuitOptions


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def fail(circuit: Circuit, error: KunakError | None = None) -> bool:
    """Whether the failure of the next request is news."""
    permit = circuit.admit()
    assert permit is not None
    return permit.failed(error or RetryableError())


def is_asked(circuit: Circuit) -> bool:
    """Whether a request would go through; it is not made."""
    permit = circuit.admit()
    if permit is not None:
        permit.let_go()
    return permit is not None


def opened(clock: Clock) -> Circuit:
    circuit = Circuit(CircuitOptions(failures=2, first_pause_s=30), clock)
    assert [fail(circuit), fail(circuit)] == [False, True]
    return circuit


def test_it_opens_after_failures_in_a_row() -> None:
    assert not is_asked(opened(Clock()))


def test_a_success_between_failures_begins_the_count_anew() -> None:
    circuit = Circuit(CircuitOptions(failures=2))
    fail(circuit)
    if permit := circuit.admit():
        permit.succeeded()
    assert not fail(circuit)
    assert is_asked(circuit)


def test_after_the_pause_one_may_probe_and_its_success_closes() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.seconds += 30
    probe = circuit.admit()
    assert probe is not None
    assert not is_asked(circuit)
    assert probe.succeeded()
    assert is_asked(circuit)


def test_each_probe_that_fails_means_a_longer_pause() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.seconds += 30
    assert not fail(circuit)
    clock.seconds += 59
    assert not is_asked(circuit)
    clock.seconds += 1
    assert is_asked(circuit)


def test_the_pause_is_as_long_as_the_provider_asks() -> None:
    clock = Clock()
    circuit = Circuit(CircuitOptions(failures=9), clock)
    assert fail(circuit, RetryableError(retry_after=200))
    clock.seconds += 199
    assert not is_asked(circuit)
    clock.seconds += 1
    assert is_asked(circuit)


def test_a_refused_key_opens_at_once_and_a_refused_text_never() -> None:
    circuit = Circuit(CircuitOptions(failures=2))
    assert not any(fail(circuit, TerminalError()) for _ in range(10))
    assert fail(circuit, FatalError())


def test_a_probe_that_was_given_up_lets_the_next_one_probe() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.seconds += 30
    assert [is_asked(circuit), is_asked(circuit)] == [True, True]
