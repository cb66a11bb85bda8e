"""The jobs of search: vectors are made, indexed and checked."""

import logging
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.search import service as search
from kunak.features.search.schemas import EmbedEntries, Embeds
from kunak.foundation.db.engine import Sessions
from kunak.foundation.jobs.worker import Handlers

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SearchJobs:
    """The handlers, with what they work on. Without an embedder no vectors are made, and none is waited for."""

    sessions: Sessions
    engine: AsyncEngine
    embedder: Embeds | None
    vector_index: search.VectorIndexOptions

    def register(self, handlers: Handlers) -> None:
        handlers.add(EmbedEntries, self.embed_entries)
        handlers.repeat("* * * * *", EmbedEntries())

    async def embed_entries(self, _: EmbedEntries) -> None:
        if self.embedder is None:
            async with self.sessions.begin() as session:
                await search.stop_embedding(session)
            return
        await search.embed_awaited(self.sessions, self.embedder)
        await search.keep_vector_index(self.engine, self.vector_index)
        async with self.sessions() as session:
            is_due = await search.is_check_due(session)
        if is_due:
            for check in await search.check_embedder(self.sessions, self.embedder):
                log.info("search: %s", check)
