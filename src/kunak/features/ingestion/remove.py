"""Sources are removed with all that they brought, which may be a million documents: some hundred in a transaction."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.repository import sources as repository
from kunak.features.ingestion.repository.locks import try_hold_source
from kunak.features.ingestion.schemas import RemoveSource, Source, SourceState
from kunak.features.ingestion.store import forget_some
from kunak.foundation.db.engine import Sessions
from kunak.foundation.db.events import record_event
from kunak.foundation.jobs.queue import enqueue

_BATCH = 500


async def begin_removing(session: AsyncSession, source: Source, *, actor: str) -> None:
    """Nobody reads on in it from now on, and a job forgets it; in the caller's transaction. Once is enough."""
    if source.state is SourceState.REMOVING:
        return
    await repository.set_state(session, source.id, SourceState.REMOVING)
    await enqueue(session, [RemoveSource(source.id)], once=True)
    record_event(session, actor=actor, what="source.removed", thing=f"source:{source.id}", title=source.title)


async def remove_source(sessions: Sessions, source: Source, *, actor: str) -> int:
    """Forget a source with its documents and their entries; how many documents.

    What is broken off is completed by the job, or by doing it again.
    """
    async with sessions.begin() as session:
        await begin_removing(session, source, actor=actor)
    # Whoever reads it finds out at the next step; a job that was faster goes on beside us.
    async with try_hold_source(sessions, source.id):
        return await _forget(sessions, source.id, lambda: False)


async def go_on_removing(sessions: Sessions, source_id: int, is_stopped: Callable[[], bool]) -> None:
    """Forget what is left of a source that is being removed, unless somebody else does."""
    async with try_hold_source(sessions, source_id) as held:
        if not held:
            return
        async with sessions() as session:
            source = await repository.get_source(session, source_id)
        if source and source.state is SourceState.REMOVING:
            await _forget(sessions, source_id, is_stopped)


async def _forget(sessions: Sessions, source_id: int, is_stopped: Callable[[], bool]) -> int:
    removed = 0
    while not is_stopped():
        async with sessions.begin() as session:
            batch = await forget_some(session, source_id, limit=_BATCH)
            removed += batch
            if batch < _BATCH:
                await repository.remove_source(session, source_id)
                break
    return removed
