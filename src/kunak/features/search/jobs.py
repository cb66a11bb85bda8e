"""What search does by the clock: keep the word frequencies fresh."""

from dataclasses import dataclass
from typing import ClassVar

from kunak.features.search import service
from kunak.foundation.db.engine import Sessions
from kunak.foundation.jobs.job import Job, Queue
from kunak.foundation.jobs.worker import Handlers


@dataclass(frozen=True)
class RefreshLexicon(Job):
    """Count word frequencies anew when the index has changed enough; see `service.refresh_lexicon`."""

    queue: ClassVar[Queue] = Queue.INGESTION


@dataclass(frozen=True)
class SearchJobs:
    """The handlers, with what they work on."""

    sessions: Sessions

    def register(self, handlers: Handlers) -> None:
        handlers.add(RefreshLexicon, self.refresh_lexicon)
        handlers.repeat("*/5 * * * *", RefreshLexicon())

    async def refresh_lexicon(self, _: RefreshLexicon) -> None:
        async with self.sessions.begin() as session:
            await service.refresh_lexicon(session)
