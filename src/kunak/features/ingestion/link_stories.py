"""Links documents of the same days that tell one event into a story, which is named after the first of them."""

from collections.abc import Collection
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.ingestion.leaders import Change, Likeness, Thing, Wanted, settle
from kunak.features.ingestion.repository import traits as repository
from kunak.features.ingestion.same_event import LEAD, LONGEST, SHARED_MARKS, Telling, read_telling, tell_the_same


async def link_stories(session: AsyncSession, fresh: Collection[int], due: Collection[int]) -> dict[int, Change]:
    """Find out whose story documents tell: see `settle`. None of them may be a copy."""
    if not fresh and not due:
        return {}
    changes = await settle(Likeness(partial(_load, session), _measure), fresh, due)
    if changes:
        await repository.keep_links(session, {id_: change.now for id_, change in changes.items()})
    return changes


async def _load(session: AsyncSession, wanted: Wanted) -> list[tuple[Thing[Telling], list[Thing[Telling]]]]:
    return await repository.list_near_events(
        session, wanted, read_telling, least_shared=SHARED_MARKS, longest=LONGEST, most=LEAD
    )


def _measure(one: Thing[Telling], other: Thing[Telling]) -> float | None:
    by_one = one.source_id == other.source_id
    return tell_the_same(one.content, other.content, apart=one.apart(other), by_one=by_one)
