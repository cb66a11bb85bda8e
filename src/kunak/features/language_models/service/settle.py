"""After a model was asked: what it cost is written down once, in place of what was held."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.repository import budgets, prices, spendings
from kunak.features.language_models.schemas import (
    Allowed,
    Bill,
    Bookkeeping,
    BudgetPeriod,
    Per,
    Spender,
    Tokens,
)
from kunak.features.language_models.service.named import name_of_bot
from kunak.features.language_models.service.reckon import begin_of, cost_of, price_of
from kunak.features.language_models.service.words import words_of_low
from kunak.features.messaging.service import raise_alert
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions

_ONCE = timedelta(days=32)


async def settle(session: AsyncSession, bill: Bill) -> None:
    """In the transaction of the answer; the same again changes nothing."""
    await spendings.settle(session, bill)
    for watched in bill.notices:
        is_news = await budgets.add_notice_once(session, watched.key)
        if is_news and watched.budget.per in (Per.BOT, Per.INSTALLATION):
            words = words_of_low(watched, await name_of_bot(session, bill.spender))
            await raise_alert(session, watched.key, words, window=_ONCE)


async def settle_at_once(sessions: Sessions, bill: Bill) -> None:
    """For a call that no answer came of. Its notices wait for one that is said."""
    async with sessions.begin() as session:
        await spendings.settle(session, bill)


async def give_back(sessions: Sessions, allowed: Allowed) -> None:
    """The call cost nothing."""
    async with sessions.begin() as session:
        await spendings.give_back(session, allowed.call_id)


async def settle_lost(session: AsyncSession) -> int:
    """Calls whose end nobody told count as their questions alone, estimated; how many there were.

    That they were asked is sure; what was answered before the worker died, nobody knows.
    """
    lost = await spendings.take_lost(session)
    known = await prices.list_prices(session) if lost else []
    for each in lost:
        asked = Tokens(each.tokens.input, seconds=each.tokens.seconds)
        cost = cost_of(price_of(known, each.provider, each.model, listens=asked.seconds > 0), asked)
        await spendings.settle(session, replace(each, tokens=asked, cost=cost))
    return len(lost)


async def forget_person(session: AsyncSession, spender: Spender) -> None:
    """What a person used is no longer shown by name; `take_names_off` erases the name when no budget needs it."""
    if spender.bot_id is not None and spender.user_id is not None:
        await spendings.forget_person(session, spender.bot_id, spender.user_id)


async def take_names_off(session: AsyncSession, books: Bookkeeping, *, older_than: timedelta) -> None:
    """Off what is so old; of those who asked to be forgotten, off all but this month, which budgets still count."""
    this_month = begin_of(BudgetPeriod.MONTH, now(), books.zone)
    await spendings.take_names_off(session, forgotten_before=this_month, older_than=older_than)
    await budgets.prune_notices(session)
