"""The jobs of search: vectors are made, indexed and checked, and copied where they are searched elsewhere."""

import logging
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.messaging.service import raise_alert
from kunak.features.search import service as search
from kunak.features.search.schemas import VECTORS, EmbedEntries, FollowVectors
from kunak.foundation.db.alone import alone
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import ErrorClass, KunakError
from kunak.foundation.jobs.queue import enqueue
from kunak.foundation.jobs.worker import Handlers
from kunak.integrations.embeddings.interface import Embedder
from kunak.integrations.vector_index.interface import VectorIndex

log = logging.getLogger(__name__)

_MOST = 1_024
"""Vectors that one job makes: a worker that is told to stop does not keep others waiting for long."""


@dataclass(frozen=True)
class SearchJobs:
    """The handlers, with what they work on. Without an embedder no vectors are made, and none is waited for."""

    sessions: Sessions
    engine: AsyncEngine
    embedder: Embedder | None
    vector_index: search.VectorIndexOptions
    copy_in: VectorIndex | None = None

    def register(self, handlers: Handlers) -> None:
        handlers.add(EmbedEntries, self.embed_entries)
        handlers.repeat("* * * * *", EmbedEntries())
        handlers.add(FollowVectors, self.follow_vectors)
        if self.copy_in is not None:
            # What is to be tried again waits for this, and a change that came while the job was about to end.
            handlers.repeat("* * * * * */5", FollowVectors())

    async def follow_vectors(self, _: FollowVectors) -> None:
        """Many short jobs rather than a long one: a worker that is told to stop waits for those it has."""
        if await search.follow(self.sessions, self.copy_in):
            async with self.sessions.begin() as session:
                await enqueue(session, [FollowVectors()])

    async def embed_entries(self, _: EmbedEntries) -> None:
        async with alone(self.engine, VECTORS) as is_alone:
            if not is_alone:
                return
            if self.embedder is None:
                async with self.sessions.begin() as session:
                    await search.stop_embedding(session)
                return
            try:
                await self._embed(self.embedder)
            except KunakError as error:
                await self._note_failure(self.embedder, error)

    async def _embed(self, embedder: Embedder) -> None:
        if await search.embed_awaited(self.sessions, embedder, most=_MOST) < _MOST:
            await self._finish(embedder)
        else:
            async with self.sessions.begin() as session:
                await enqueue(session, [EmbedEntries()])

    async def _note_failure(self, embedder: Embedder, error: KunakError) -> None:
        """The job is over, and the one of the next minute tries again: dead letters would only pile up."""
        log.warning("search: no vectors just now: %s", error)
        if error.error_class is not ErrorClass.RETRYABLE:
            words = f"{error} Search goes on by words, and new texts wait for their vectors; it is tried every minute."
            async with self.sessions.begin() as session:
                await raise_alert(session, f"embedder:{embedder.model}", words)

    async def _finish(self, embedder: Embedder) -> None:
        await search.keep_vector_index(self.engine, self.vector_index)
        async with self.sessions() as session:
            is_due = await search.is_check_due(session)
        if is_due:
            for check in await search.check_embedder(self.sessions, embedder):
                log.info("search: %s", check)
