"""Gives again what was found before, as long as the index is what it was."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.repository import changes
from kunak.foundation.cache.interface import Namespace
from kunak.foundation.cache.once import Given, Once
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions

RESULTS = Namespace("search", 1, timedelta(hours=1))


async def remember(
    sessions: Sessions, once: Once, *asked: object, make: Callable[[AsyncSession], Awaitable[bytes]]
) -> Given:
    """What `make` gives for `asked` (JSON values), or gave in this hour and the present state of the index.

    A change of the index is seen by every call that begins after its commit. By the hour of the clock, not an hour's
    length, because *today* and *yesterday* mean something else after midnight.
    """
    async with sessions() as session:
        state = await changes.get_state(session)

    async def make_anew() -> bytes:
        async with sessions() as session:
            return await make(session)

    key = RESULTS.key(state, now().strftime("%Y-%m-%dT%H"), *asked)
    return await once.get_or_make(RESULTS, key, make_anew)
