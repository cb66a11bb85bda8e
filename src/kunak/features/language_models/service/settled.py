"""What was spent long enough ago to change no more is added up once an hour, not for every question."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.repository import spendings
from kunak.features.language_models.schemas import Bookkeeping, Budget, Per, Spender

_SETTLES_WITHIN = timedelta(hours=1)
"""Longer than anything is held."""
_MANY_CALLS = (Per.BOT, Per.INSTALLATION)
"""Budgets that count the calls of everybody."""


@dataclass(frozen=True)
class Bound:
    """A budget in its present period. `key` tells it, and whose it is, from all others."""

    budget: Budget
    key: str
    begin: datetime


async def sum_spent(
    session: AsyncSession, books: Bookkeeping, bounds: list[Bound], spender: Spender, at: datetime
) -> list[Decimal]:
    """What is spent of each, calls under way included."""
    before = [await _spent_before(session, books, each, spender, at) for each in bounds]
    since = [(each.budget, up_to) for each, (_, up_to) in zip(bounds, before, strict=True)]
    lately = await spendings.sum_spent(session, since, spender)
    return [settled + spent for (settled, _), spent in zip(before, lately, strict=True)]


async def _spent_before(
    session: AsyncSession, books: Bookkeeping, bound: Bound, spender: Spender, at: datetime
) -> tuple[Decimal, datetime]:
    """What was spent up to a full hour, and that hour: from there on calls are looked at one by one."""
    up_to = at.replace(minute=0, second=0, microsecond=0) - _SETTLES_WITHIN
    if bound.budget.per not in _MANY_CALLS or up_to <= bound.begin:
        return Decimal(0), bound.begin
    kept = books.settled.get((bound.key, bound.budget.currency))
    if kept is None or kept[1] != up_to:
        for of_another_hour in [each for each, (_, hour) in books.settled.items() if hour != up_to]:
            del books.settled[of_another_hour]
        spent = await spendings.sum_between(session, bound.budget, bound.begin, up_to, spender)
        kept = books.settled[bound.key, bound.budget.currency] = spent, up_to
    return kept
