"""Plain arithmetic: what tokens cost, which budgets bound whom, when they begin anew."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from kunak.features.language_models.schemas import Budget, BudgetPeriod, Per, Price, Spender, Tokens

_MILLION = Decimal(1_000_000)
_DIGITS = 12
"""Of a part of a minute, which may have no end of them."""
_DATED = re.compile(r"[-@]\d{4}-?\d{2}-?\d{2}\Z")


def price_of(prices: Sequence[Price], provider: str, model: str, *, listens: bool = False) -> Price | None:
    """The provider's own price before that of whoever; a dated model costs what the undated one does, unless it has a
    price of its own. `listens`: by the minute. None: nobody knows.
    """
    known = {(each.provider, each.model): each for each in prices if listens == (each.minute is not None)}
    names = dict.fromkeys([model, _DATED.sub("", model)])
    return next((known[key] for name in names for key in ((provider, name), ("", name)) if key in known), None)


def cost_of(price: Price | None, tokens: Tokens) -> Decimal | None:
    """In the currency of the price; None without one."""
    if price is None:
        return None
    if price.minute is not None:
        return round(price.minute * tokens.seconds / 60, _DIGITS).normalize()
    cached = price.input if price.cached is None else price.cached
    fresh = max(tokens.input - tokens.cached, 0)
    return (fresh * price.input + tokens.cached * cached + tokens.output * price.output) / _MILLION


def begin_of(period: BudgetPeriod, now: datetime, zone: tzinfo) -> datetime:
    """The first moment of the day or month that `now` is in."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if period is BudgetPeriod.DAY else midnight.replace(day=1)


def end_of(period: BudgetPeriod, now: datetime, zone: tzinfo) -> datetime:
    """The first moment after it."""
    begin = begin_of(period, now, zone)
    if period is BudgetPeriod.DAY:
        return begin + timedelta(days=1)
    return (begin + timedelta(days=32)).replace(day=1)


def bounding(budgets: Sequence[Budget], spender: Spender) -> list[Budget]:
    """Those that count what `spender` spends. Of two alike, the one that names the user or chat holds."""
    found: dict[tuple[Per, int | None, BudgetPeriod], Budget] = {}
    for budget in sorted(budgets, key=lambda each: each.subject is None, reverse=True):
        if _bounds(budget, spender):
            # A bot's own budget takes the place of the one for each bot; of users and groups both count, each in its
            # scope.
            scope = None if budget.per is Per.BOT else budget.bot_id
            kept = found.get((budget.per, scope, budget.period))
            if kept is None or _is_nearer(budget, kept):
                found[budget.per, scope, budget.period] = budget
    return list(found.values())


def _bounds(budget: Budget, spender: Spender) -> bool:
    if budget.bot_id is not None and budget.bot_id != spender.bot_id:
        return False
    whose = {Per.USER: spender.user_id, Per.CHAT: spender.chat_id, Per.BOT: spender.bot_id, Per.INSTALLATION: 0}
    subject = whose[budget.per]
    return subject is not None and (budget.subject is None or budget.subject == subject)


def _is_nearer(budget: Budget, than: Budget) -> bool:
    return (budget.subject is not None, budget.bot_id is not None) >= (
        than.subject is not None,
        than.bot_id is not None,
    )


def key_of(budget: Budget, spender: Spender, begin: datetime) -> str:
    """Tells the budget, whose it is, and its period from all others."""
    whose = {Per.USER: spender.user_id, Per.CHAT: spender.chat_id, Per.BOT: spender.bot_id, Per.INSTALLATION: 0}
    scope = "" if budget.bot_id is None or budget.per is Per.BOT else f"@{budget.bot_id}"
    return f"budget:{budget.per}:{whose[budget.per]}{scope}:{budget.period}:{begin:%Y-%m-%d}"
