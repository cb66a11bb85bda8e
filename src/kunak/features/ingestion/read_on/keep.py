"""One step of reading, kept."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.compose import compose, external_id
from kunak.features.ingestion.repository import sources as repository
from kunak.features.ingestion.schemas import Outcome, Post, Reading, Source, Stored
from kunak.features.ingestion.store import forget, store
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import ConflictError
from kunak.foundation.observability import metrics


class OvertakenError(ConflictError):
    """The source was removed, paused, or read on by somebody else."""


class Keeper:
    """Writes down what reading brings, and remembers what it came to."""

    def __init__(self, sessions: Sessions, source: Source, report: Callable[[Source, Reading], None]) -> None:
        self.sessions = sessions
        self.source = source
        self.reading = Reading(Outcome.READ)
        self.has_more = False
        """The reading was cut into pieces; the next one may come at once."""
        self._report = report

    async def keep(
        self,
        posts: Sequence[Post],
        cursor: dict[str, Any],
        *,
        gone: Sequence[str] = (),
        notes: Sequence[str] = (),
        failed: int = 0,
        also: "Callable[[AsyncSession], Any] | None" = None,
    ) -> None:
        """Keep a piece and the cursor behind it; `also` is done in the same transaction.

        Raises:
            OvertakenError: nothing was written.
        """
        source = self.source
        documents = compose(posts, source.name, now=now(), keep_days=source.keep_days)
        # Edited until no word was left, or grown too old: what there was of them goes.
        wordless = {external_id(source.name, post) for post in posts} - {each.external_id for each in documents}
        async with self.sessions.begin() as session:
            if not await repository.lock_version(session, source):
                raise OvertakenError
            stored = await store(session, documents)
            removed = await forget(session, source.id, [*gone, *wordless])
            if also:
                await also(session)
            kept = Reading(Outcome.READ, len(posts), stored, removed)
            await repository.keep_step(session, source.id, cursor, kept, failed=failed, notes=notes)
        self.source = replace(source, cursor=cursor, version=source.version + 1)
        self.reading = self.reading.plus(len(posts), stored, removed)
        _count(source, stored, removed)
        self._report(self.source, self.reading)

    def end(self, outcome: Outcome, error: str | None = None) -> Reading:
        return replace(self.reading, outcome=outcome, error=error)


def _count(source: Source, stored: Stored, removed: int) -> None:
    counts = {"added": stored.added, "changed": stored.changed, "unchanged": stored.unchanged, "removed": removed}
    for outcome, number in counts.items():
        metrics.DOCUMENTS.labels(source.kind.value, outcome).inc(number)
