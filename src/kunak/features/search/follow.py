"""Keeps the copies of the vectors up to date: fills them, tells them of changes, throws them away.

All is done in small steps. Each asks PostgreSQL what is true, tells the other index, and only then writes down that it
did; so it may break off anywhere, and be done again.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.repository import copies, vectors
from kunak.features.search.repository.copies import Copy
from kunak.features.search.schemas import CopyProgress, CopyState, FollowVectors
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import KunakError, NotFoundError
from kunak.foundation.jobs.queue import enqueue
from kunak.integrations.vector_index.interface import (
    Collection,
    CollectionMissingError,
    IndexUnavailableError,
    VectorIndex,
)

log = logging.getLogger(__name__)

_BATCH = 128
_STEPS = 40
"""Of one run: a worker that is told to stop waits for it."""


class _LostError(Exception):
    """The copy is no longer ours, or no longer as we took it."""


async def begin_copy(sessions: Sessions) -> None:
    """Copy the vectors of the current model into the other index, which is asked as soon as it has them all.

    Raises:
        NotFoundError: there is no current model.
    """
    async with sessions.begin() as session:
        model = await vectors.get_current(session)
        if model is None:
            raise NotFoundError("There are no vectors yet: no embedding model has been used.")
        await copies.begin(session, model, owner=_new_owner())
        await enqueue(session, [FollowVectors()])


async def leave_copies(sessions: Sessions) -> None:
    """Ask PostgreSQL again, from this moment on; what was copied is thrown away."""
    async with sessions.begin() as session:
        await copies.leave_all(session)
        await enqueue(session, [FollowVectors()])


async def ask_to_follow(session: AsyncSession) -> None:
    """After a change of entries or vectors, in its transaction: the copies are told soon."""
    if await copies.are_there(session):
        await enqueue(session, [FollowVectors()], once=True)


async def list_progress(sessions: Sessions) -> list[CopyProgress]:
    async with sessions() as session:
        return await copies.list_progress(session)


def _new_owner() -> str:
    """So that nobody shares our collection, not even this installation as it was before it was restored elsewhere."""
    return f"kunak-{secrets.token_hex(6)}"


async def follow(sessions: Sessions, index: VectorIndex | None) -> bool:
    """Do a little for every copy that nobody else works on; tells whether there is more to be done at once.

    What goes wrong is kept with the copy, to be shown, and tried again the next time.
    """
    lease, done, more = secrets.token_hex(8), list[int](), False
    async with sessions.begin() as session:
        if model := await copies.get_uncopied(session):
            await copies.begin(session, model, owner=_new_owner())
        await copies.leave_others(session)
    while copy := await _take(sessions, lease, done):
        done.append(copy.model_id)
        more |= await _Work(sessions, index, copy).run()
    return more


async def _take(sessions: Sessions, lease: str, done: Sequence[int]) -> Copy | None:
    async with sessions.begin() as session:
        return await copies.take(session, lease, but=done)


@dataclass(frozen=True)
class _Work:
    """What one worker does for one copy while it is his."""

    sessions: Sessions
    index: VectorIndex | None
    copy: Copy

    async def run(self) -> bool:
        """Whether there is more to be done at once."""
        more, trouble = False, None
        try:
            more = await self._advance()
        except _LostError:
            more = True
        except CollectionMissingError:
            trouble = "It was not whole; it is made anew."
            await self._begin_anew()
        except KunakError as error:
            trouble = str(error)
        finally:
            if trouble:
                log.warning("search: the copy of the vectors of %s: %s", self.copy.model, trouble)
            await asyncio.shield(self._give_back(trouble))
        return more

    async def _give_back(self, trouble: str | None) -> None:
        async with self.sessions.begin() as session:
            await copies.give_back(session, self.copy, trouble=trouble)

    async def _begin_anew(self) -> None:
        async with self.sessions.begin() as session:
            await copies.set_state(session, self.copy, CopyState.FILLING)

    @property
    def _collection(self) -> Collection:
        return Collection(self.copy.model, self.copy.dimensions, self.copy.owner)

    @property
    def _opened(self) -> VectorIndex:
        if self.index is None:
            raise IndexUnavailableError("There is a copy of the vectors in Qdrant, but QDRANT_URL is not set.")
        return self.index

    async def _advance(self) -> bool:
        if self.copy.state is CopyState.LEAVING:
            await self._leave()
            return False
        filling, done_to = self.copy.state is CopyState.FILLING, self.copy.done_to
        if filling and done_to == 0:
            await self._opened.prepare(self._collection)
        for _ in range(_STEPS):
            changes = await self._tell_changes()
            filled_to = await self._fill(done_to) if filling else done_to
            if not changes and filled_to == done_to:
                return await self._settle()
            done_to = filled_to
        return True

    async def _leave(self) -> None:
        """Without its address the other index keeps what it has: that must not keep us from leaving it."""
        if self.index is not None:
            await self.index.discard(self._collection)
        async with self.sessions.begin() as session:
            await copies.forget(session, self.copy)

    async def _tell_changes(self) -> int:
        """How many there were."""
        async with self.sessions() as session:
            changes = await copies.list_changes(session, self.copy, limit=_BATCH)
        if not changes:
            return 0
        entry_ids = {change.entry_id for change in changes}
        # In a transaction after that one: what changes from here on is noted as a change of its own.
        async with self.sessions() as session:
            points = await copies.list_points(session, self.copy, sorted(entry_ids))
        await self._opened.upsert(self._collection, points)
        await self._opened.remove(self._collection, sorted(entry_ids - {point.entry_id for point in points}))
        async with self._confirming(entry_ids) as session:
            await copies.forget_changes(session, changes)
        return len(changes)

    async def _fill(self, after: int) -> int:
        """The next entries; returns the last one that is in."""
        async with self.sessions() as session:
            points = await copies.list_next_points(session, self.copy, after=after, limit=_BATCH)
        if not points:
            return after
        await self._opened.upsert(self._collection, points)
        async with self._confirming({point.entry_id for point in points}, done_to=points[-1].entry_id):
            return points[-1].entry_id

    @asynccontextmanager
    async def _confirming(self, entry_ids: AbstractSet[int], *, done_to: int = 0) -> AsyncIterator[AsyncSession]:
        """A transaction of who has the lease.

        Who lost it (the process was stopped for long, and went on) may have put in what was no longer true: these
        entries are looked at again.
        """
        async with self.sessions.begin() as session:
            if held := await copies.renew(session, self.copy, done_to=done_to):
                yield session
            else:
                await copies.note_changes(session, self.copy, sorted(entry_ids))
        if not held:
            raise _LostError

    async def _settle(self) -> bool:
        """All is in. Before the other index is asked, it is indexed, and has what it should have."""
        if not await self._opened.is_settled(self._collection) or self.copy.state is CopyState.SERVING:
            return False
        held = await self._opened.count(self._collection)
        async with self.sessions.begin() as session:
            for progress in await copies.list_progress(session, self.copy.model_id):
                if held + progress.changes < progress.vectors:
                    raise CollectionMissingError
            await copies.set_state(session, self.copy, CopyState.SERVING)
        return False
