"""The jobs of ingestion: read what is due, forget what is old or no longer wanted."""

import asyncio
from dataclasses import dataclass

from kunak.features.ingestion import service
from kunak.features.ingestion.fetch import load_readers
from kunak.features.ingestion.schemas import PruneDocuments, ReadSource, RemoveSource, WakeSources
from kunak.foundation.db.engine import Sessions
from kunak.foundation.jobs.worker import Handlers

_BATCH = 500


@dataclass(frozen=True)
class IngestionJobs:
    """The handlers, with what they work on. `stop`: a reading ends after its step when this is set."""

    sessions: Sessions
    outside: service.Outside
    stop: asyncio.Event

    def register(self, handlers: Handlers) -> None:
        handlers.add(ReadSource, self.read_source)
        handlers.add(RemoveSource, self.remove_source)
        handlers.add(WakeSources, self.wake_sources)
        handlers.add(PruneDocuments, self.prune_documents)
        handlers.repeat("* * * * * */5", WakeSources())
        handlers.repeat("23 * * * *", PruneDocuments())

    async def read_source(self, job: ReadSource) -> None:
        await asyncio.to_thread(load_readers)
        watching = service.Watching(is_stopped=self.stop.is_set)
        await service.read_source(self.sessions, self.outside, job.source_id, watching=watching, only_if_due=True)

    async def remove_source(self, job: RemoveSource) -> None:
        await service.go_on_removing(self.sessions, job.source_id, self.stop.is_set)

    async def wake_sources(self, _: WakeSources) -> None:
        async with self.sessions.begin() as session:
            await service.wake_due_sources(session)

    async def prune_documents(self, _: PruneDocuments) -> None:
        await service.forget_hosts(self.sessions)
        while not self.stop.is_set():
            async with self.sessions.begin() as session:
                if await service.forget_old(session, limit=_BATCH) < _BATCH:
                    return
