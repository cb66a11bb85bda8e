"""Closed, open, half open, as the answers come."""

from kunak.foundation.errors import FatalError, RetryableError, TerminalError
from kunak.integrations.circuit_breaker import CircuitBreaker


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def opened(clock: Clock) -> CircuitBreaker:
    breaker = CircuitBreaker(failures=2, pause_s=30, seconds=clock)
    assert [breaker.failed(RetryableError()), breaker.failed(RetryableError())] == [False, True]
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    breaker = opened(Clock())
    assert breaker.is_open
    assert not breaker.may_ask()


def test_a_success_between_failures_begins_the_count_anew() -> None:
    breaker = CircuitBreaker(failures=2)
    breaker.failed(RetryableError())
    breaker.succeeded()
    assert not breaker.failed(RetryableError())
    assert breaker.may_ask()


def test_after_the_pause_one_may_probe_and_its_success_closes() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.seconds += 30
    assert [breaker.may_ask(), breaker.may_ask()] == [True, False]
    assert breaker.succeeded()
    assert [breaker.may_ask(), breaker.may_ask()] == [True, True]


def test_a_probe_that_fails_means_another_pause() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.seconds += 30
    breaker.may_ask()
    assert not breaker.failed(RetryableError())
    clock.seconds += 29
    assert not breaker.may_ask()
    clock.seconds += 1
    assert breaker.may_ask()


def test_the_pause_is_as_long_as_the_provider_asks() -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=1, pause_s=30, seconds=clock)
    breaker.failed(RetryableError(retry_after=300))
    clock.seconds += 299
    assert not breaker.may_ask()


def test_a_refused_key_opens_at_once_and_a_refused_text_never() -> None:
    breaker = CircuitBreaker(failures=2)
    assert not any(breaker.failed(TerminalError()) for _ in range(10))
    assert breaker.failed(FatalError())


def test_a_probe_that_learnt_nothing_lets_the_next_one_probe() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.seconds += 30
    assert breaker.may_ask()
    breaker.failed(TerminalError())
    assert breaker.may_ask()
    breaker.abandoned()
    assert breaker.may_ask()
