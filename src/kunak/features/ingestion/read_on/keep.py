"""One step of reading, kept."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.compose import compose, external_id
from kunak.features.ingestion.repository import sources as repository
from kunak.features.ingestion.schemas import NewDocument, Outcome, Post, Reading, Source, Stored
from kunak.features.ingestion.store import find_refused, forget, store
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.db.outage import is_refusal
from kunak.foundation.errors import ConflictError
from kunak.foundation.observability import metrics

_MOST_TOLD = 10
"""Posts that were left out."""


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
        self._refused: list[str] = []
        """Notes of this reading; every step is kept with them, since its notes take the place of those before."""

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

        async def write(documents: Sequence[NewDocument], failed: int) -> tuple[Stored, int]:
            async with self.sessions.begin() as session:
                if not await repository.lock_version(session, source):
                    raise OvertakenError
                stored = await store(session, documents)
                removed = await forget(session, source.id, [*gone, *wordless])
                if also:
                    await also(session)
                kept = Reading(Outcome.READ, len(posts), stored, removed)
                said = [*notes, *self._refused]
                await repository.keep_step(session, source.id, cursor, kept, failed=failed, notes=said)
            return stored, removed

        try:
            stored, removed = await write(documents, failed)
        except DBAPIError as error:
            if not is_refusal(error):
                raise
            taken = await self._leave_out_refused(documents, error)
            stored, removed = await write(taken, failed + len(documents) - len(taken))
        self.source = replace(source, cursor=cursor, version=source.version + 1)
        self.reading = self.reading.plus(len(posts), stored, removed)
        _count(source, stored, removed)
        self._report(self.source, self.reading)

    async def _leave_out_refused(self, documents: Sequence[NewDocument], error: DBAPIError) -> list[NewDocument]:
        """One post must not cost all others. Raises `error` when none of them is to blame."""
        refused = await find_refused(self.sessions, documents)
        if not refused:
            raise error
        self._refused += [f"{each.external_id}: the database refuses it; it is left out." for each in refused]
        del self._refused[_MOST_TOLD:]
        return [each for each in documents if each not in refused]

    def end(self, outcome: Outcome, error: str | None = None) -> Reading:
        return replace(self.reading, outcome=outcome, error=error)


def _count(source: Source, stored: Stored, removed: int) -> None:
    counts = {"added": stored.added, "changed": stored.changed, "unchanged": stored.unchanged, "removed": removed}
    for outcome, number in counts.items():
        metrics.DOCUMENTS.labels(source.kind.value, outcome).inc(number)
