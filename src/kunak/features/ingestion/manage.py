"""Sources are added, looked at, paused and resumed."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.repository import sources as repository
from kunak.features.ingestion.schemas import (
    Health,
    NewSource,
    ReadSource,
    RemoveSource,
    Source,
    SourceKind,
    SourceState,
)
from kunak.foundation.db.events import record_event
from kunak.foundation.errors import ConflictError, InvalidInputError, NotFoundError
from kunak.foundation.jobs.queue import enqueue

_FIRST_INTERVALS = {
    SourceKind.TELEGRAM: timedelta(minutes=15),
    SourceKind.TELEGRAM_ACCOUNT: timedelta(minutes=15),
    SourceKind.RSS: timedelta(minutes=30),
}
_OTHERWISE = timedelta(hours=1)
_SHORTEST = timedelta(minutes=1)
_LONGEST = timedelta(days=30)
_READABLE = {
    SourceKind.RSS,
    SourceKind.SITE,
    SourceKind.TELEGRAM,
    SourceKind.TELEGRAM_ACCOUNT,
    SourceKind.TELEGRAM_EXPORT,
    SourceKind.JSONL,
}
_MOST_DUE = 1000
_LATE = timedelta(minutes=10)


async def add_source(session: AsyncSession, new: NewSource, *, actor: str) -> Source:
    """The new source, due at once, in the caller's transaction.

    Raises:
        ConflictError: it is there already.
        InvalidInputError: it cannot be read again and again, or not in the way that is wished.
    """
    _check(new)
    added = await repository.add_source_once(session, new, new.every or _FIRST_INTERVALS.get(new.kind, _OTHERWISE))
    if added is None:
        raise ConflictError(f"{new.address} is a source already.")
    record_event(session, actor=actor, what="source.added", thing=f"source:{added.id}", address=new.address)
    return added


def _check(new: NewSource) -> None:
    if new.kind not in _READABLE or new.address.startswith("file:"):
        raise InvalidInputError("A saved page can be previewed, but not followed: add the address it comes from.")
    if new.every is not None and not _SHORTEST <= new.every <= _LONGEST:
        raise InvalidInputError("A source is read every minute at the most, and every 30 days at the least.")
    if new.keep_days is not None and new.keep_days < 1:
        raise InvalidInputError("Documents are kept for a day at least.")


async def list_sources(session: AsyncSession) -> list[Source]:
    return await repository.list_sources(session)


async def get_source(session: AsyncSession, source_id: int) -> Source:
    """
    Raises:
        NotFoundError: there is none of this number.
    """
    source = await repository.get_source(session, source_id)
    if source is None:
        raise NotFoundError(f"There is no source {source_id}.")
    return source


async def find_source(session: AsyncSession, name: str) -> Source:
    """The source with this number, address, channel name or title.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: there are several.
    """
    if name.isascii() and name.isdigit() and len(name) <= len(str(2**63 - 1)) - 1:
        found = await repository.get_source(session, int(name))
        if found:
            return found
    several = await repository.find_sources(session, name.removeprefix("@").lower() if name[:1] == "@" else name)
    if not several:
        raise NotFoundError(f"There is no source {name}. `kunak source list` shows them.")
    if len(several) > 1:
        raise InvalidInputError(f"Several sources are called {name}; give the number that `kunak source list` shows.")
    return several[0]


async def pause_source(session: AsyncSession, source: Source, *, actor: str) -> None:
    """It is not read until it is resumed; what it has brought stays.

    Raises:
        InvalidInputError: it came in a file, and is not read again.
        ConflictError: it is being removed.
    """
    await _set_state(session, source, SourceState.PAUSED, "source.paused", actor)


async def resume_source(session: AsyncSession, source: Source, *, actor: str) -> None:
    """It is due at once.

    Raises:
        InvalidInputError: as above.
        ConflictError: as above.
    """
    await _set_state(session, source, SourceState.ACTIVE, "source.resumed", actor)


async def _set_state(session: AsyncSession, source: Source, state: SourceState, what: str, actor: str) -> None:
    if source.address is None:
        raise InvalidInputError(f"{source.title} came in a file that was imported; it is not read again.")
    if source.state is SourceState.REMOVING:
        raise ConflictError(f"{source.title} is being removed.")
    if source.state is not state:
        await repository.set_state(session, source.id, state)
        record_event(session, actor=actor, what=what, thing=f"source:{source.id}")


async def read_soon(session: AsyncSession, source: Source, *, actor: str) -> None:
    """Have a source read now, due or not, in the caller's transaction.

    Raises:
        InvalidInputError: it came in a file, and is not read again.
        ConflictError: it is paused, or being removed.
    """
    if source.address is None:
        raise InvalidInputError(f"{source.title} came in a file that was imported; it is not read again.")
    if source.state is not SourceState.ACTIVE:
        what = "paused" if source.state is SourceState.PAUSED else "being removed"
        raise ConflictError(f"{source.title} is {what}: it is not read.")
    await repository.make_due(session, source.id)
    if source.kind is not SourceKind.TELEGRAM_ACCOUNT:  # that is read where the account is
        await enqueue(session, [ReadSource(source.id)], once=True)
    record_event(session, actor=actor, what="source.wanted", thing=f"source:{source.id}")


async def list_due_sources(session: AsyncSession, *, by_account: bool = False) -> list[int]:
    """Ids of the sources that are to be read now: those that the Telegram account reads, or the others."""
    return await repository.list_due(session, limit=_MOST_DUE, by_account=by_account)


async def wake_due_sources(session: AsyncSession) -> None:
    """Have every source that is due read, in the caller's transaction; one that waits already is not doubled.

    Not those of the Telegram account: `follow_account` reads them where the account is. And have those removed whose
    removal was broken off.
    """
    due = await repository.list_due(session, limit=_MOST_DUE, by_account=False)
    removing = await repository.list_removing(session, limit=_MOST_DUE)
    await enqueue(session, [*map(ReadSource, due), *map(RemoveSource, removing)], once=True)


async def wake_account_sources(session: AsyncSession) -> None:
    """Whatever the Telegram account reads is due at once."""
    await repository.wake_account_sources(session)


async def get_health(session: AsyncSession) -> Health:
    """How the sources are that are read again and again."""
    return await repository.get_health(session, late=_LATE)
