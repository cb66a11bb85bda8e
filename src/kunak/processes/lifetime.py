"""How a command lives: it runs until it is done or is asked to stop, and then cleans up, however often it is asked."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import uvloop

from kunak.foundation.errors import KunakError

Result = TypeVar("Result")
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_NEW_OBJECTS = 5_000
"""After so many more than were let go Python looks through the new ones; its own 700 are less than one answer makes."""


class Lifetime:
    """`stop` is set when a person or the system asks us to stop."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self._task = asyncio.current_task()
        self._serving = False

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """For a block that watches `stop` itself. Outside of it, being asked to stop breaks off what is under way."""
        spare_what_stays()
        self._serving = True
        try:
            yield
        finally:
            self._serving = False

    def ask_to_stop(self) -> None:
        """The first time counts: a second signal must not break off the cleaning up."""
        if self.stop.is_set():
            return
        self.stop.set()
        if not self._serving and self._task:
            self._task.cancel()


def spare_what_stays() -> None:
    """Have Python no longer look through what was made until now, the modules above all, for something to throw away.

    A process that serves keeps it to its end, and looking took an eighth of the processor's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


class StoppedEarlyError(KunakError):
    """Stopped before it was done."""


def run_to_the_end(work: Callable[[Lifetime], Awaitable[Result]]) -> Result:
    """Runs the work in a new event loop.

    Raises:
        StoppedEarlyError: it was asked to stop before it was done.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_watched(work))


async def _watched(work: Callable[[Lifetime], Awaitable[Result]]) -> Result:
    lifetime = Lifetime()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, lifetime.ask_to_stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under `nohup` we are to outlive the terminal
        loop.add_signal_handler(signal.SIGHUP, lifetime.ask_to_stop)
    try:
        return await work(lifetime)
    except asyncio.CancelledError:
        if not lifetime.stop.is_set():
            raise
        raise StoppedEarlyError from None


async def run_together(
    stop: asyncio.Event, works: list[Callable[[asyncio.Event], Awaitable[Any]]], *, grace_s: float
) -> None:
    """Runs them all until `stop`, then gives them `grace_s` seconds to finish before they are cancelled.

    One that fails stops all, and its error is raised.
    """
    tasks: set[asyncio.Future[Any]] = {asyncio.ensure_future(work(stop)) for work in works}
    asked = asyncio.create_task(stop.wait())
    try:
        await _until_asked_or_failed(asked, tasks)
    finally:
        asked.cancel()
        stop.set()
        await asyncio.wait(tasks, timeout=grace_s)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _until_asked_or_failed(asked: "asyncio.Task[Any]", tasks: "set[asyncio.Future[Any]]") -> None:
    waiting = {asked, *tasks}
    while asked in waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if any(task.exception() for task in done):
            return
