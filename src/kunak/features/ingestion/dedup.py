"""Folds near-copies: of documents that say the same the first is kept in search, and stands for the others."""

from collections.abc import Collection
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.leaders import Change, Likeness, Thing, Wanted, settle
from kunak.features.ingestion.repository import traits as repository
from kunak.features.ingestion.same_text import NEAR, Wording, read_wording, say_the_same

LONGEST = timedelta(hours=72)
"""Between copies; what is said again later is said anew."""
_LONGEST_OF_SHORT = timedelta(hours=2)
"""Between copies that are short, which must be of two sources: a siren sounds more than once."""
_WHOLE = 1_000_000


async def fold_copies(session: AsyncSession, fresh: Collection[int], due: Collection[int]) -> dict[int, Change]:
    """Find out which documents are copies: see `settle`."""
    if not fresh and not due:
        return {}
    changes = await settle(Likeness(partial(_load, session), _measure), fresh, due)
    if changes:
        await repository.keep_copies(session, {id_: change.now for id_, change in changes.items()})
    return changes


async def _load(session: AsyncSession, wanted: Wanted) -> list[tuple[Thing[Wording], list[Thing[Wording]]]]:
    return await repository.list_near_copies(session, wanted, read_wording, bits=NEAR, longest=LONGEST, most=_WHOLE)


def _measure(one: Thing[Wording], other: Thing[Wording]) -> float | None:
    """1 for copies: the first of all that it copies is kept."""
    by_one, apart = one.source_id == other.source_id, one.apart(other)
    if one.content.is_short and (by_one or apart > _LONGEST_OF_SHORT):
        return None
    return 1.0 if say_the_same(one.content, other.content) else None
