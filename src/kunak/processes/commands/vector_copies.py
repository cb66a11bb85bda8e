"""`kunak search vectors use …`: where vectors are searched."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kunak.features.search import service as search
from kunak.features.search.schemas import CopyProgress, CopyState
from kunak.foundation.db.engine import Sessions, create_engine, create_sessions
from kunak.foundation.errors import ConflictError, InvalidInputError, RetryableError
from kunak.foundation.settings import Settings
from kunak.integrations.vector_index.interface import VectorIndex
from kunak.processes.database import open_database
from kunak.processes.equipment import open_vector_index

_LOOK_AGAIN_S = 1.0

Report = Callable[[CopyProgress], None]


@dataclass(frozen=True)
class Copies:
    """What the commands work on."""

    sessions: Sessions
    index: VectorIndex | None

    async def use_qdrant(self, report: Report) -> str:
        """Copy all vectors there, or watch who already does, until it is asked; what is to be told.

        Raises:
            InvalidInputError: there is no Qdrant.
            NotFoundError: there are no vectors.
            RetryableError: Qdrant does not take them just now.
            ConflictError: somebody went back to PostgreSQL meanwhile.
        """
        if self.index is None:
            raise InvalidInputError("There is no Qdrant: set QDRANT_URL.")
        await search.begin_copy(self.sessions)
        while (copy := await self._advance(report)).state is not CopyState.SERVING:
            if copy.trouble:
                raise RetryableError(f"{copy.trouble} A running Kunak goes on trying; so does this command, run again.")
        return f"Vectors are searched in Qdrant; {copy.vectors} were copied."

    async def _advance(self, report: Report) -> CopyProgress:
        more = await search.follow(self.sessions, self.index)
        current = [each for each in await search.list_progress(self.sessions) if each.state is not CopyState.LEAVING]
        if not current:
            raise ConflictError("The copy was given up meanwhile.")
        report(current[-1])
        if not more and not current[-1].trouble and current[-1].state is CopyState.FILLING:
            await asyncio.sleep(_LOOK_AGAIN_S)  # another process copies, or Qdrant still builds its index
        return current[-1]

    async def use_postgres(self) -> str:
        await search.leave_copies(self.sessions)
        await search.follow(self.sessions, self.index)
        left = await search.list_progress(self.sessions)
        if left and left[0].trouble:
            return f"Vectors are searched in PostgreSQL. The copy could not be thrown away yet: {left[0].trouble}"
        return "Vectors are searched in PostgreSQL."


@asynccontextmanager
async def open_copies(settings: Settings) -> AsyncIterator[Copies]:
    async with open_vector_index(settings) as index, open_database(settings, briefly=True) as database:
        engine = create_engine(database.url, pool_size=4)
        try:
            yield Copies(create_sessions(engine), index)
        finally:
            await engine.dispose()
