"""How long the stages of one request took, noted where the work is done and told where the request came in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Timings = dict[str, float]
"""Milliseconds of each stage, in the order in which they ended; `total` at the end."""

_noted: ContextVar[Timings | None] = ContextVar("timings", default=None)


@contextmanager
def note_timings() -> Iterator[Timings]:
    """Notes the stages of the block, also those of tasks that it starts; once it is over, its `total` too."""
    timings: Timings = {}
    token = _noted.set(timings)
    started = time.perf_counter()
    try:
        yield timings
    finally:
        _noted.reset(token)
        timings["total"] = (time.perf_counter() - started) * 1000


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Notes how long the block took, when anybody wants to know."""
    timings = _noted.get()
    started = time.perf_counter()
    try:
        yield
    finally:
        if timings is not None:
            timings[name] = timings.get(name, 0.0) + (time.perf_counter() - started) * 1000


def server_timing(timings: Timings) -> str:
    """As the `Server-Timing` header says it: `search;dur=1.8, quote;dur=0.7, total;dur=2.6`."""
    return ", ".join(f"{name};dur={milliseconds:.1f}" for name, milliseconds in timings.items())
