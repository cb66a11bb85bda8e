"""Work on things that strangers made, in a process of its own: one that hangs, or swallows all memory, can be ended.

A library that parses cannot be broken off inside our own process, and while it works in a thread everything else is
slow. The helper reads calls from standard input, and ends when that does, so it never outlives who started it.
"""

import asyncio
import contextlib
import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Awaitable, Callable
from typing import IO, Any, ParamSpec, Protocol, TypeVar

from kunak.foundation.errors import TerminalError

Given = ParamSpec("Given")
Result = TypeVar("Result")
_LENGTH = struct.Struct(">Q")
_PROGRAM = f"from {__name__} import main; main()"  # not by `-m`: its errors would be of a module that is ours twice


class TooHardError(TerminalError):
    """It took too much time or memory, and was given up."""


class Call(Protocol):
    """Calls a function that lies at the top of its module, with arguments and a result that can be pickled."""

    def __call__(
        self, function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Awaitable[Result]:
        """
        Raises:
            TooHardError: see the class.
            Exception: what the function raises.
        """
        ...


async def call_in_thread(function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """A `Call` without limits, for what we made ourselves."""
    return await asyncio.to_thread(function, *given, **named)


class Helper:
    """A `Call` in a process that is started when it is first needed. One call at a time."""

    def __init__(self, *, timeout_s: float = 30.0, most_bytes: int = 2**30) -> None:
        """`most_bytes`: of address space, which the helper may fill."""
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None

    async def __call__(self, function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
        """See `Call`."""
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    succeeded, result = await self._ask(pickle.dumps((function, given, named)))
            except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
                await self._end()
                raise TooHardError from None
            except asyncio.CancelledError:
                await asyncio.shield(self._end())  # its answer would be taken for that of the next call
                raise
        if not succeeded:
            raise result
        value: Result = result
        return value

    async def close(self) -> None:
        """End the helper."""
        async with self._turn:
            await self._end()

    async def _ask(self, call: bytes) -> tuple[bool, Any]:
        process = self._process
        if process is None:
            process = self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", _PROGRAM, str(self._most_bytes)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for us to answer
            )
        assert process.stdin is not None  # noqa: S101  asked for above
        assert process.stdout is not None  # noqa: S101  as above
        process.stdin.write(_LENGTH.pack(len(call)) + call)
        await process.stdin.drain()
        (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
        succeeded, result = pickle.loads(await process.stdout.readexactly(length))  # noqa: S301  our own process
        return succeeded, result

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def main() -> None:
    """Serve whoever started us, until they close our standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    most = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    while head := calls.read(_LENGTH.size):
        _answer(calls.read(_LENGTH.unpack(head)[0]), answers)


def _answer(call: bytes, answers: IO[bytes]) -> None:
    try:
        function, given, named = pickle.loads(call)  # noqa: S301  of who started us
        answer = pickle.dumps((True, function(*given, **named)))
    except MemoryError:
        answer = pickle.dumps((False, TooHardError()))
    except Exception as error:  # noqa: BLE001  raised again where it was called
        answer = _pickle_error(error)
    answers.write(_LENGTH.pack(len(answer)) + answer)
    answers.flush()


def _pickle_error(error: Exception) -> bytes:
    try:
        pickled = pickle.dumps((False, error))
        pickle.loads(pickled)  # noqa: S301  our own; some errors can be written and not read
    except Exception:  # noqa: BLE001  whatever it is, its name and words remain
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return pickled
