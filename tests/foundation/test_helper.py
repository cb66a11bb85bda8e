"""A helper process does what is asked, and is ended when that is too hard."""

import asyncio
import os
import signal
import sys
import time

import pytest

from kunak.foundation.errors import InvalidInputError
from kunak.foundation.helper import Helper, TooHardError
from kunak.integrations.web_pages.addresses import check_address


async def test_it_calls_in_another_process() -> None:
    helper = Helper()
    try:
        assert await helper(os.getpid) != os.getpid()
        assert await helper(int, "ff", base=16) == 255
        await helper(print, "hello")  # which is no answer
    finally:
        await helper.close()


async def test_errors_come_back_as_they_were() -> None:
    helper = Helper()
    try:
        with pytest.raises(InvalidInputError, match="http"):
            await helper(check_address, "ftp://example.org")
        with pytest.raises(ZeroDivisionError):
            await helper(divmod, 1, 0)
    finally:
        await helper.close()


async def test_what_takes_too_long_is_given_up() -> None:
    helper = Helper(timeout_s=0.5)
    try:
        with pytest.raises(TooHardError):
            await helper(time.sleep, 60)
    finally:
        await helper.close()


async def test_what_swallows_memory_is_given_up() -> None:
    helper = Helper(most_bytes=2**29)
    try:
        with pytest.raises(TooHardError):
            await helper(bytes, 2**30)
        with pytest.raises(TooHardError):
            await helper(os.abort)
        assert await helper(int, "5") == 5
    finally:
        await helper.close()


async def test_a_call_that_is_broken_off_does_not_answer_the_next() -> None:
    helper = Helper()
    try:
        assert await helper(int, "1") == 1
        waiting = asyncio.create_task(helper(time.sleep, 60))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await helper(int, "2") == 2
    finally:
        await helper.close()


OWNER = """
import asyncio, os, signal
from kunak.foundation.helper import Helper

async def main():
    print(await Helper()(os.getpid), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_it_ends_with_whoever_started_it() -> None:
    owner = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    # The helper holds the errors' pipe too: it is at its end only when the helper has gone.
    out, said = await owner.communicate()
    assert (owner.returncode, int(out) > 0, said) == (-signal.SIGKILL, True, b"")
