"""Listening outlives the turn that began it: when more of a message comes, the turn begins anew and joins in again."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from kunak.features.language_models.schemas import Refused
from kunak.integrations.transcription.interface import Transcript

_KEPT_S = 600.0
"""Longer than the message of a turn goes on growing, and its answer takes."""

Recording = tuple[int, str]
"""The message by which the ledger knows it, and the file."""


class Hearings:
    """What is being listened to, and what was heard lately: a server is paid for each recording once."""

    def __init__(self) -> None:
        self._tasks: dict[Recording, asyncio.Task[Transcript | Refused]] = {}

    async def of(
        self, recording: Recording, listen: Callable[[], Coroutine[Any, Any, Transcript | Refused]]
    ) -> Transcript | Refused:
        """What `listen` hears, who is not asked where it is known, or somebody listens already.

        Raises:
            Exception: whatever it raises; then it is asked again the next time.
        """
        task = self._tasks.get(recording)
        if task is None:
            task = self._tasks[recording] = asyncio.create_task(listen())
            task.add_done_callback(lambda done: self._keep(recording, done))
        return await asyncio.shield(task)

    def _keep(self, recording: Recording, done: asyncio.Task[Transcript | Refused]) -> None:
        if done.cancelled() or done.exception() or isinstance(done.result(), Refused):
            del self._tasks[recording]
        else:
            asyncio.get_running_loop().call_later(_KEPT_S, self._tasks.pop, recording)

    async def close(self) -> None:
        """Whoever still listens is cancelled, and has settled what it costs when this returns."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
