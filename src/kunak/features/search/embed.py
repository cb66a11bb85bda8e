"""Gives entries the vectors they wait for."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.follow import ask_to_follow
from kunak.features.search.repository import vectors
from kunak.features.search.repository.vectors import Awaiting, Model
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import ErrorClass, FatalError, KunakError
from kunak.integrations.embeddings.interface import Embedder

log = logging.getLogger(__name__)

_EXAMPLE = "?"
_MOST_DIMENSIONS = 16_000
"""What PostgreSQL keeps of a vector in half precision."""
_BATCH = 32
_AT_ONCE = 4
"""Batches that are with the embedder together."""

_COUNTED_EVERY = 10_000

Report = Callable[[int, int], None]
"""Is told how many vectors this run made, and how many entries still wait."""


def silently(_made: int, _awaited: int) -> None:
    """Nobody looks on."""


@dataclass
class _LookingOn:
    """Tells how far it has come. To count who waits is to read them all, so that is done now and then only."""

    report: Report
    counted: int = 0
    counted_at: int = -_COUNTED_EVERY

    async def tell(self, session: AsyncSession, made: int) -> None:
        if made - self.counted_at >= _COUNTED_EVERY:
            self.counted, self.counted_at = await vectors.count_awaited(session), made
        self.report(made, max(self.counted - (made - self.counted_at), 0))


async def embed_awaited(
    sessions: Sessions, embedder: Embedder, *, most: int | None = None, report: Report = silently
) -> int:
    """Make the vectors that are awaited, of `embedder`, which becomes the current model; how many it made.

    `most`: after so many it may stop; fewer mean that none is awaited any more.

    Whatever was made is kept when it breaks off, and the next run goes on from there.

    Raises:
        KunakError: the embedder cannot be reached, or refuses us.
    """
    model = await _adopt(sessions, embedder)
    made, after, looking_on = 0, 0, _LookingOn(report)
    while True:
        async with sessions() as session:
            awaited = await vectors.list_awaited(session, after=after, limit=_BATCH * _AT_ONCE)
            await looking_on.tell(session, made)
        if not awaited or (most is not None and made >= most):
            return made
        batches = [awaited[start : start + _BATCH] for start in range(0, len(awaited), _BATCH)]
        embedding = [_embed(sessions, embedder, model, batch) for batch in batches]
        # Each is waited for: what one has made is kept even where another fails.
        for outcome in await asyncio.gather(*embedding, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            made += outcome
        after = awaited[-1].id


async def _adopt(sessions: Sessions, embedder: Embedder) -> Model:
    """A model that is new to the database says by an example how many dimensions it has."""
    async with sessions() as session:
        current = await vectors.get_current(session)
    if current is not None and current.name == embedder.model:
        return current
    example = await embedder.embed_query(_EXAMPLE)
    if len(example) > _MOST_DIMENSIONS:
        raise FatalError(f"The embedder {embedder.model} gives {len(example)} dimensions; we keep {_MOST_DIMENSIONS}.")
    async with sessions.begin() as session:
        return await vectors.set_current(session, embedder.model, len(example))


async def _embed(sessions: Sessions, embedder: Embedder, model: Model, entries: Sequence[Awaiting]) -> int:
    try:
        made = await embedder.embed_passages([_text(each) for each in entries])
        _check_dimensions(made, model)
    except KunakError as error:
        if error.error_class is not ErrorClass.TERMINAL:
            raise
        return await _embed_one_by_one(sessions, embedder, model, entries, error)
    async with sessions.begin() as session:
        await vectors.keep_vectors(session, model, entries, made)
        await ask_to_follow(session)
    return len(entries)


async def _embed_one_by_one(
    sessions: Sessions, embedder: Embedder, model: Model, entries: Sequence[Awaiting], error: KunakError
) -> int:
    """One entry that the embedder cannot take must not keep the others from their vectors.

    One that takes nothing at all is another matter: then everything waits until it is mended.
    """
    if len(entries) > 1:
        return sum([await _embed(sessions, embedder, model, [each]) for each in entries])
    _check_dimensions([await embedder.embed_query(_EXAMPLE)], model)
    log.warning("search: the entry %s gets no vector: %s", entries[0].id, error)
    async with sessions.begin() as session:
        await vectors.give_up(session, entries[0].id)
    return 0


def _check_dimensions(made: Sequence[Sequence[float]], model: Model) -> None:
    wrong = next((len(each) for each in made if len(each) != model.dimensions), None)
    if wrong is not None:
        raise FatalError(f"The embedder {model.name} gave {wrong} dimensions in place of {model.dimensions}.")


def _text(entry: Awaiting) -> str:
    return f"{entry.title}\n{entry.text}" if entry.title else entry.text
