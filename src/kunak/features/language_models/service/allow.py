"""Before a model is asked: may it be, and which; an estimate of the cost is held meanwhile."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.repository import budgets, prices, spendings
from kunak.features.language_models.schemas import (
    Allowed,
    Bill,
    Bookkeeping,
    Per,
    Reason,
    Refused,
    Spender,
    Terms,
    Tokens,
    Watched,
)
from kunak.features.language_models.service.named import name_of_bot
from kunak.features.language_models.service.reckon import begin_of, bounding, cost_of, end_of, key_of, price_of
from kunak.features.language_models.service.settled import Bound, sum_spent
from kunak.features.language_models.service.words import words_of_spent, words_of_unpriced
from kunak.features.messaging.service import raise_alert
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions

LOW = Decimal("0.8")
"""The part of a budget from which on it runs low."""
_HELD_FOR = timedelta(minutes=20)
"""Longer than any answer takes, with every provider asked."""
_ONCE = timedelta(days=32)


async def allow(
    sessions: Sessions, books: Bookkeeping, spender: Spender, purpose: str, estimate: Tokens
) -> Allowed | Refused:
    """Leave for one call, to be settled or given back; or why there is none.

    While a budget has anything left a call goes through: what it costs above that is the most by which it is overrun.
    Calls that begin at the same moment are let through one after the other, each counting those before it.
    """
    async with sessions.begin() as session:
        terms = await prices.get_terms(session, spender)
        chosen = "" if estimate.seconds else terms.choice.model
        asked = Allowed(uuid.uuid4(), spender, purpose, chosen, books, terms, estimate=estimate)
        found = await _weigh(session, asked, now())
        if isinstance(found, Allowed):
            await spendings.hold(session, bill(found, books.provider, _model(found), None, estimate), _HELD_FOR)
        else:
            await _tell_admins(session, found, asked)
        return found


async def _weigh(session: AsyncSession, asked: Allowed, at: datetime) -> Allowed | Refused:
    """The bounds are locked until the transaction ends: what is held for this call, the next one must see."""
    terms, books, spender = asked.terms, asked.books, asked.spender
    bounds = bounding(terms.budgets, spender)
    if not bounds:
        return asked
    await budgets.lock(session, [key_of(each, spender, begin_of(each.period, at, books.zone)) for each in bounds])
    watched = await watch(session, terms, books, spender, at)
    if refused := _refusal(watched):
        return refused
    if price_of(terms.prices, books.provider, _model(asked), listens=asked.listens) is None:
        return Refused(Reason.UNPRICED)
    return replace(asked, watched=watched, model=_choose(asked, watched))


async def watch(
    session: AsyncSession, terms: Terms, books: Bookkeeping, spender: Spender, at: datetime
) -> list[Watched]:
    """What bounds this spender, and how much of it is gone."""
    bounds = bounding(terms.budgets, spender)
    if not bounds:
        return []
    begins = [begin_of(each.period, at, books.zone) for each in bounds]
    keys = [key_of(budget, spender, begin) for budget, begin in zip(bounds, begins, strict=True)]
    of_period = [Bound(*each) for each in zip(bounds, keys, begins, strict=True)]
    sums = await sum_spent(session, books, of_period, spender, at)
    noticed = await budgets.list_noticed(session, keys)
    return [
        Watched(budget, key, spent, end_of(budget.period, at, books.zone), key in noticed)
        for budget, key, spent in zip(bounds, keys, sums, strict=True)
    ]


def _refusal(watched: Sequence[Watched]) -> Refused | None:
    """By the budget that keeps longest; None where none is spent."""
    spent = [each for each in watched if each.spent >= each.budget.amount]
    if not spent:
        return None
    last = max(spent, key=lambda each: (not each.budget.amount, each.resets_at))
    return Refused(Reason.SPENT if last.budget.amount else Reason.OFF, last.budget, last.resets_at)


def _choose(asked: Allowed, watched: Sequence[Watched]) -> str:
    """The cheaper model where money runs low; one without a price would not be counted."""
    cheaper = asked.terms.choice.cheaper
    runs_low = any(each.spent >= LOW * each.budget.amount for each in watched)
    if asked.listens or not runs_low or price_of(asked.terms.prices, asked.books.provider, cheaper) is None:
        return asked.model
    return cheaper


def _model(asked: Allowed) -> str:
    return asked.model or asked.books.model


def bill(allowed: Allowed, provider: str, model: str, counted: Tokens | None, estimate: Tokens) -> Bill:
    """What a call cost. `counted`: None where the server did not count, then `estimate` stands in.

    A model may answer under another name than it was asked by: then it costs what that name does. So does, about, one
    of another provider that has no price, where a budget is to hold.
    """
    tokens = counted or estimate
    own = price_of(allowed.terms.prices, provider, model, listens=allowed.listens)
    asked = price_of(allowed.terms.prices, allowed.books.provider, _model(allowed), listens=allowed.listens)
    is_asked = provider == allowed.books.provider
    cost = cost_of(own or (asked if is_asked or allowed.watched else None), tokens)
    low = [each for each in allowed.watched if _runs_low(each, cost)]
    return Bill(
        allowed.call_id,
        allowed.spender,
        allowed.purpose,
        provider,
        model,
        tokens,
        cost,
        allowed.terms.currency,
        is_estimated=counted is None or not (own or is_asked or cost is None),
        notices=low,
    )


def _runs_low(watched: Watched, cost: Decimal | None) -> bool:
    return not watched.was_noticed and watched.spent + (cost or 0) >= LOW * watched.budget.amount


async def _tell_admins(session: AsyncSession, refused: Refused, asked: Allowed) -> None:
    """Of what they alone can mend; once in its period."""
    spender, budget = asked.spender, refused.budget
    if refused.reason is Reason.UNPRICED:
        words = words_of_unpriced(_model(asked), listens=asked.listens)
        await raise_alert(session, f"model-unpriced:{_model(asked)}", words, window=_ONCE)
    elif refused.reason is Reason.SPENT and budget is not None and budget.per in (Per.BOT, Per.INSTALLATION):
        begin = begin_of(budget.period, now(), asked.books.zone)
        key = f"spent:{key_of(budget, spender, begin)}"
        if refused.resets_at is not None and await budgets.add_notice_once(session, key):
            words = words_of_spent(budget, await name_of_bot(session, spender), refused.resets_at)
            await raise_alert(session, key, words, window=_ONCE)
