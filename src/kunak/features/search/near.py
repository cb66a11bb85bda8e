"""Asks the copy of the vectors, when one serves, which entries are near."""

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict

from kunak.features.search.repository import copies
from kunak.features.search.schemas import Filters
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import KunakError
from kunak.foundation.observability import metrics
from kunak.integrations.vector_index.interface import (
    Collection,
    Conditions,
    IndexUnavailableError,
    Near,
    VectorIndex,
)

log = logging.getLogger(__name__)

_REST_S = 5.0
"""After a failure the copy is not asked for so long: else every search would wait for it in vain."""


class NearInCopy:
    """See `FindsNear`. One for a process."""

    def __init__(self, sessions: Sessions, index: VectorIndex) -> None:
        self._sessions = sessions
        self._index = index
        self._rests_until = 0.0

    async def find(self, model: str, vector: Sequence[float], filters: Filters, *, limit: int) -> Sequence[Near] | None:
        """Which place is asked is read for every search: all processes change over in the same moment."""
        async with self._sessions() as session:
            serving = await copies.get_serving(session, model)
        if serving is None:
            return None
        owner, dimensions = serving
        if time.monotonic() < self._rests_until:
            raise IndexUnavailableError
        try:
            conditions = Conditions(**asdict(filters))
            return await self._index.nearest(
                Collection(model, dimensions, owner), vector, limit=limit, conditions=conditions
            )
        except KunakError as error:
            metrics.VECTOR_INDEX_FAILURES.inc()
            log.warning("search: words alone for %g s, the copy of the vectors does not answer: %s", _REST_S, error)
            self._rests_until = time.monotonic() + _REST_S
            raise
