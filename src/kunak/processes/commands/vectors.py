"""`kunak search vectors …`: how far vectors have come, and whether they help."""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.search import service as search
from kunak.features.search.schemas import VECTORS, CopyProgress, CopyState, EmbedderCheck, VectorState
from kunak.foundation.db.alone import alone
from kunak.foundation.db.engine import Sessions, create_engine, create_sessions
from kunak.foundation.errors import ConflictError, InvalidInputError
from kunak.foundation.settings import Settings
from kunak.integrations.embeddings.interface import Embedder
from kunak.processes.database import open_database
from kunak.processes.equipment import open_embedder, vector_index_options


@dataclass(frozen=True)
class Vectors:
    """What the commands work on."""

    engine: AsyncEngine
    sessions: Sessions
    settings: Settings
    embedder: Embedder | None

    async def get_state(self) -> VectorState | None:
        async with self.sessions() as session:
            return await search.get_vector_state(session)

    async def make(self, report: search.EmbeddingReport) -> tuple[int, list[EmbedderCheck]]:
        """All that are awaited, and their index; how many, and whether they help, where that is to be found out anew.

        Raises:
            InvalidInputError: there is no embedder.
            ConflictError: a running Kunak makes them already.
            KunakError: the embedder cannot be reached, or refuses us.
        """
        embedder = self._need_embedder()
        async with alone(self.engine, VECTORS) as is_alone:
            if not is_alone:
                raise ConflictError(
                    "A running Kunak is making them already; `kunak search vectors show` tells how far."
                )
            made = await search.embed_awaited(self.sessions, embedder, report=report)
            await search.keep_vector_index(self.engine, vector_index_options(self.settings))
            async with self.sessions() as session:
                is_due = await search.is_check_due(session)
            return made, await search.check_embedder(self.sessions, embedder) if is_due else []

    async def check(self) -> list[EmbedderCheck]:
        """
        Raises:
            InvalidInputError: there is no embedder.
            ConflictError: its vectors are not made yet.
            KunakError: it cannot be reached, or refuses us.
        """
        embedder = self._need_embedder()
        state = await self.get_state()
        if state is None or state.name != embedder.model or not state.vectors or state.awaited:
            raise ConflictError("The vectors are not made yet: `kunak search vectors make`.")
        return await search.check_embedder(self.sessions, embedder)

    async def forget(self) -> list[str]:
        """The names of the models whose vectors are gone now: all but the current one."""
        async with self.sessions.begin() as session:
            return await search.forget_former_models(session)

    def _need_embedder(self) -> Embedder:
        if self.embedder is None:
            raise InvalidInputError("There is no embedder: set KUNAK_EMBEDDINGS_URL or KUNAK_EMBEDDINGS_LOCAL.")
        return self.embedder


@asynccontextmanager
async def open_vectors(settings: Settings) -> AsyncIterator[Vectors]:
    async with open_embedder(settings) as embedder, open_database(settings, briefly=True) as database:
        engine = create_engine(database.url, pool_size=6)
        try:
            yield Vectors(engine, create_sessions(engine), settings, embedder)
        finally:
            await engine.dispose()


def describe(
    state: VectorState | None, copies: Sequence[CopyProgress] = (), *, embedder: Embedder | None
) -> dict[str, Any]:
    """As JSON values; `mode` is what search does now, with this embedder."""
    if state is None:
        return {"mode": "lexical", "model": None}
    is_used = embedder is not None and embedder.model == state.name
    serving = any(each.model == state.name and each.state is CopyState.SERVING for each in copies)
    return {
        "mode": "hybrid" if is_used and any(each.is_helpful for each in state.checks) else "lexical",
        "model": state.name,
        "dimensions": state.dimensions,
        "vectors": state.vectors,
        "awaited": state.awaited,
        "index": state.index,
        "searched_in": "qdrant" if serving else "postgres",
        "copies": [dataclasses.asdict(each) for each in copies],
        "checks": [describe_check(each) for each in state.checks],
    }


def describe_check(check: EmbedderCheck) -> dict[str, Any]:
    return {
        "language": check.language,
        "helpful": check.is_helpful,
        "questions": check.questions,
        "ndcg@10": {
            "lexical": round(check.lexical_ndcg, 4),
            "vector": round(check.vector_ndcg, 4),
            "hybrid": round(check.hybrid_ndcg, 4),
        },
    }
