"""What was used: for the owner altogether, for a person their own."""

from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.repository import prices, usage
from kunak.features.language_models.schemas import Bookkeeping, BudgetPeriod, OwnUsage, Per, Spender, UsageBy, UsageLine
from kunak.features.language_models.service.allow import watch
from kunak.features.language_models.service.reckon import begin_of


async def list_usage(session: AsyncSession, by: UsageBy, since: datetime, zone: tzinfo) -> list[UsageLine]:
    """Of all calls that ended since then."""
    return await usage.list_usage(session, by, since, str(zone))


async def usage_of(session: AsyncSession, books: Bookkeeping, spender: Spender, at: datetime) -> OwnUsage:
    """Of `spender.user_id` with `spender.bot_id`."""
    bot_id, user_id = spender.bot_id or 0, spender.user_id or 0
    terms = await prices.get_terms(session, spender)
    today, month = [
        await usage.get_own_usage(session, bot_id, user_id, begin_of(period, at, books.zone), terms.currency)
        for period in BudgetPeriod
    ]
    watched = await watch(session, terms, books, spender, at)
    return OwnUsage(today, month, [each for each in watched if each.budget.per is Per.USER])


async def list_calls_of(session: AsyncSession, bot_id: int, user_id: int) -> list[dict[str, object]]:
    """Every call that was made for a person, as JSON values."""
    return await usage.list_calls_of(session, bot_id, user_id)
