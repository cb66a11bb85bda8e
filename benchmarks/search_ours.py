"""Our own search, as it is measured: each way to ask gives the places of passages, best first."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np
from benchmarks.search_building import CUT, PRICES, Built
from benchmarks.search_peers import BEST
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.search import service as search
from kunak.features.search.schemas import Equipment, Filters, Found
from kunak.foundation.db.engine import create_reading_sessions
from kunak.integrations.vector_index.interface import Near

Places = Sequence[int]
_NO_FILTERS = Filters()


@dataclass(frozen=True)
class _TrueNeighbours:
    """Finds what is near by looking at every vector."""

    built: Built

    async def find(self, model: str, vector: Sequence[float], filters: Filters, *, limit: int) -> Sequence[Near]:
        assert (model, filters) == (self.built.embedder.model, _NO_FILTERS)
        return self.built.find_near(np.asarray(vector), limit)


class Ours:
    """Through the front door, in sessions as the API has them."""

    def __init__(self, engine: AsyncEngine, built: Built) -> None:
        self._sessions = create_reading_sessions(engine)
        self._built = built
        self._equipment = Equipment(built.embedder, unchecked=True)
        self._exact = Equipment(built.embedder, _TrueNeighbours(built), unchecked=True)

    async def lexical(self, question: str) -> Places:
        return await self._search(question, Equipment())

    async def hybrid(self, question: str) -> Places:
        return await self._search(question, self._equipment)

    async def exact_hybrid(self, question: str) -> Places:
        """The first CUT, with nothing forgotten."""
        return (await self._search(question, self._exact))[:CUT]

    async def vector(self, question: str) -> Places:
        return await self._nearest(question, _NO_FILTERS)

    def vector_among(self, passing: int) -> Callable[[str], Awaitable[Places]]:
        """Among those that one in `passing` belongs to."""
        filters = Filters(price_to=PRICES // passing - 1)

        async def nearest(question: str) -> Places:
            return await self._nearest(question, filters)

        return nearest

    async def _search(self, question: str, equipment: Equipment) -> Places:
        async with self._sessions() as session:
            found = await search.search(session, question, limit=BEST, equipment=equipment)
        return self._places(found)

    def _places(self, found: Found) -> Places:
        return [self._built.place_of[hit.thing_id, hit.passage] for hit in found.hits]

    async def _nearest(self, question: str, filters: Filters) -> Places:
        async with self._sessions() as session:
            near = await search.list_nearest(session, question, limit=BEST, filters=filters, equipment=self._equipment)
        return [self._built.place_of[key.thing_id, key.passage] for key, _ in near]
