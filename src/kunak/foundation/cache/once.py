"""Makes once what many want at the same moment, and keeps it for those who come later."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kunak.foundation.cache.interface import Cache, Namespace


@dataclass(frozen=True)
class Given:
    """A value, and whether it was there already."""

    value: bytes
    from_cache: bool


class Fleeting(bytes):
    """A value for those who wait for it now, not to be kept."""


@dataclass
class _Making:
    task: "asyncio.Task[bytes]"
    waiting: int = 0


class Once:
    """A cache in front of what makes its values; one making at a time for each key, in this process."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._makings: dict[str, _Making] = {}

    async def get_or_make(self, namespace: Namespace, key: str, make: Callable[[], Awaitable[bytes]]) -> Given:
        """What `make` gives or gave; its errors reach all who wait for it and are not kept.

        `make` runs in a task of its own, which ends early only when nobody waits for it any more.
        """
        if (value := await self._cache.get(key)) is not None:
            return Given(value, from_cache=True)
        making = self._makings.get(key)
        if making is None:
            making = self._makings[key] = _Making(asyncio.create_task(self._make(namespace, key, make)))
            making.task.add_done_callback(lambda task: self._forget(key, task))
        making.waiting += 1
        try:
            return Given(await asyncio.shield(making.task), from_cache=False)
        finally:
            making.waiting -= 1
            if not making.waiting:
                self._forget(key, making.task)
                making.task.cancel()

    async def _make(self, namespace: Namespace, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        value = await make()
        if not isinstance(value, Fleeting):
            await self._cache.set(key, value, namespace.lifetime)
        return value

    def _forget(self, key: str, task: "asyncio.Task[bytes]") -> None:
        if key in self._makings and self._makings[key].task is task:
            del self._makings[key]
        if task.done() and not task.cancelled():
            task.exception()  # looked at, though all who waited may be gone
