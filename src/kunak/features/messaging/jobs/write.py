"""How something ended is written down, also while the database is away for a moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from kunak.features.messaging.schemas import Failure
from kunak.features.messaging.service.failures import class_of
from kunak.foundation.errors import ErrorClass

Result = TypeVar("Result")
Ended = TypeVar("Ended")

STOPPED = Failure(ErrorClass.RETRYABLE, "The worker was told to stop.", timedelta())
_AGAIN_S = 0.2


async def write_down(finish: Callable[[Result], Awaitable[Ended]], result: Result, lease_for: timedelta) -> Ended:
    """What `finish` says of it. What is not written down is done again, so a database that is away is waited for."""
    until = time.monotonic() + lease_for.total_seconds()
    while True:
        try:
            return await finish(result)
        except Exception as error:
            if class_of(error) is not ErrorClass.RETRYABLE or time.monotonic() > until:
                raise
        await asyncio.sleep(_AGAIN_S)
