"""Looking something up, and finding out how its answer can be looked at further."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.schemas import PAGE, NewSearch, OfferedSource, Span, View, Wish
from kunak.features.ingestion import service as ingestion
from kunak.features.search import service as search
from kunak.features.search.schemas import Answer, Filters, Lead

_LISTING = "listing"
"""The kind of listings in search."""
_MOST_SOURCES = 6


async def look(session: AsyncSession, asked: NewSearch, view: View, now: datetime) -> Answer:
    """The page of the answer that `view` names."""
    filters = Filters(
        kinds=(_LISTING,) if asked.wish is Wish.FIND_LISTING else (),
        sources=tuple(each.key for each in asked.sources[view.source - 1 : view.source] if view.source),
        published_from=now - view.span.length if view.span.length else None,
    )
    return await search.ask(session, asked.question, asked.language, filters=filters, skip=view.skip, most=PAGE)


async def has_board(session: AsyncSession) -> bool:
    """Whether there are listings to look through."""
    return not await search.is_empty(session, _LISTING)


def spans_worth_offering(leads: Sequence[Lead], now: datetime) -> list[Span]:
    """Those that leave some of the results, and more than the next shorter one."""
    dates = [lead.published_at for lead in leads if lead.published_at is not None]
    offered: list[Span] = []
    shorter = 0
    for span in (Span.DAY, Span.WEEK, Span.MONTH):
        within = sum(date >= now - span.length for date in dates) if span.length else 0
        if shorter < within < len(leads):
            offered.append(span)
        shorter = within
    return offered


async def sources_worth_offering(session: AsyncSession, leads: Iterable[Lead]) -> list[OfferedSource]:
    """Those with most results first; none when all results come from one."""
    counted = Counter(lead.source for lead in leads)
    if len(counted) == 1:
        return []
    keys = [key for key, _ in counted.most_common() if key is not None][:_MOST_SOURCES]
    titles = await ingestion.get_source_titles(session, keys)
    return [OfferedSource(key, titles.get(key, key)) for key in keys]
