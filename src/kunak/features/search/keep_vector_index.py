"""Gives the vectors of the current model an index when they are too many to be looked through."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from kunak.features.search.repository import vectors

_MOST_DIMENSIONS = 4_000
"""What an index takes; longer vectors are looked through."""
_GRAPH_BYTES = 500
"""What an HNSW graph needs for a vector besides twice its numbers."""


@dataclass(frozen=True)
class VectorIndexOptions:
    """Which index, from how many vectors on, and how much memory its building may take.

    To look through 3,000 vectors costs somewhat more than to ask an index; through 2,000, less.
    """

    kind: Literal["hnsw", "ivfflat"] = "hnsw"
    from_vectors: int = 3_000
    most_memory_mb: int = 2_000


async def keep_vector_index(engine: AsyncEngine, options: VectorIndexOptions) -> bool:
    """Build what is missing, while searches and writes go on; tells whether it built."""
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        async with AsyncSession(connection) as session:
            model, state = await vectors.get_current(session), await vectors.get_state(session)
        if model is None or state is None or state.vectors < options.from_vectors or state.index == options.kind:
            return False
        if model.dimensions > _MOST_DIMENSIONS:
            return False
        needed = state.vectors * (4 * model.dimensions + _GRAPH_BYTES) // 1_000_000 + 64
        memory_mb = min(needed, options.most_memory_mb)
        await vectors.build_index(connection, model, kind=options.kind, vectors=state.vectors, memory_mb=memory_mb)
        return True
