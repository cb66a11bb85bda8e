"""Asks the copy of the vectors, when one serves, which entries are near."""

import logging
from collections.abc import Sequence
from dataclasses import asdict

from kunak.features.search.repository import copies
from kunak.features.search.schemas import Filters
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import KunakError
from kunak.foundation.observability import metrics
from kunak.integrations.circuit_breaker import Circuit, CircuitOptions
from kunak.integrations.vector_index.interface import (
    Collection,
    Conditions,
    IndexUnavailableError,
    Near,
    VectorIndex,
)

log = logging.getLogger(__name__)

_PATIENCE = CircuitOptions(failures=2, first_pause_s=5, longest_pause_s=30)


class NearInCopy:
    """See `FindsNear`. One for a process."""

    def __init__(self, sessions: Sessions, index: VectorIndex) -> None:
        self._sessions = sessions
        self._index = index
        # Else every search would wait in vain for an index that hangs.
        self._circuit = Circuit(_PATIENCE)

    async def find(self, model: str, vector: Sequence[float], filters: Filters, *, limit: int) -> Sequence[Near] | None:
        """Which place is asked is read for every search: all processes change over in the same moment."""
        async with self._sessions() as session:
            serving = await copies.get_serving(session, model)
        if serving is None:
            return None
        owner, dimensions = serving
        return await self._ask(Collection(model, dimensions, owner), vector, Conditions(**asdict(filters)), limit)

    async def _ask(
        self, collection: Collection, vector: Sequence[float], conditions: Conditions, limit: int
    ) -> Sequence[Near]:
        permit = self._circuit.admit()
        if permit is None:
            raise IndexUnavailableError
        try:
            near = await self._index.nearest(collection, vector, limit=limit, conditions=conditions)
        except KunakError as error:
            metrics.VECTOR_INDEX_FAILURES.inc()
            if permit.failed(error):
                log.warning("search: words alone for a while; the copy of the vectors does not answer: %s", error)
            raise
        else:
            permit.succeeded()
            return near
        finally:
            permit.let_go()
