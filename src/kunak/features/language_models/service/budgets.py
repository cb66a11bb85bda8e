"""The owner's budgets. None is set to begin with."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.repository import budgets, prices
from kunak.features.language_models.schemas import Bookkeeping, Budget, InUse, Part, Per
from kunak.features.language_models.service.prices import check_amount, currency_in_use, list_chosen
from kunak.features.language_models.service.reckon import price_of
from kunak.features.language_models.service.words import words_of_no_price
from kunak.foundation.db.events import record_event
from kunak.foundation.errors import InvalidInputError, NotFoundError


async def set_budget(session: AsyncSession, budget: Budget, *, actor: str) -> Budget:
    """In the currency of the prices.

    Raises:
        InvalidInputError: it bounds nothing that there is, or its amount is none.
    """
    _check_scope(budget.per, budget.bot_id, budget.subject)
    check_amount(budget.amount)
    budget = replace(budget, currency=await currency_in_use(session))
    await budgets.save_budget(session, budget)
    record_event(
        session, actor=actor, what="budget.set", thing=_thing(budget), period=budget.period, amount=str(budget.amount)
    )
    return budget


async def remove_budget(session: AsyncSession, per: Per, bot_id: int | None, subject: int | None, *, actor: str) -> int:
    """Of the day and of the month; how many there were.

    Raises:
        NotFoundError: there was none.
    """
    removed = await budgets.remove_budgets(session, per, bot_id, subject)
    if not removed:
        raise NotFoundError("There is no such budget.")
    record_event(session, actor=actor, what="budget.removed", thing=f"{per}:{subject or ''}", bot=bot_id)
    return removed


async def list_budgets(session: AsyncSession) -> list[Budget]:
    return await budgets.list_budgets(session)


async def list_unpriced(session: AsyncSession, used: Sequence[InUse], books: Bookkeeping) -> list[str]:
    """Of `used`, and of the models that bots chose, those without a price: in words, with what comes of it."""
    known, is_bounded = await prices.list_prices(session), bool(await budgets.list_budgets(session))
    chosen = [InUse(books.provider, name, Part.ASKED) for name in await list_chosen(session)]
    return [
        words_of_no_price(each, is_bounded=is_bounded)
        for each in dict.fromkeys([*used, *chosen])
        if price_of(known, each.provider, each.model, listens=each.part is Part.LISTENS) is None
    ]


def describe_budget(budget: Budget, bot: str = "") -> str:
    """`each user with @friend_bot: 0.5 USD a day`."""
    whose = f"{budget.per} {budget.subject}" if budget.subject is not None else f"each {budget.per}"
    if budget.per is Per.INSTALLATION:
        whose = "the installation"
    elif budget.per is Per.BOT:
        whose = bot or "each bot"
    with_bot = f" with {bot}" if bot and budget.per is not Per.BOT else ""
    return f"{whose}{with_bot}: {budget.amount:f} {budget.currency} a {budget.period}"


def _check_scope(per: Per, bot_id: int | None, subject: int | None) -> None:
    if subject is not None and per not in (Per.USER, Per.CHAT):
        raise InvalidInputError("Only a budget per user or per chat can be for one of them; nothing was changed.")
    if bot_id is not None and per is Per.INSTALLATION:
        raise InvalidInputError("The budget of the installation counts all bots; for one say --per bot --bot NAME.")
    if subject is not None and per is Per.CHAT and subject >= 0:
        raise InvalidInputError("Chats are groups here, and their numbers are below zero; nothing was changed.")


def _thing(budget: Budget) -> str:
    return f"{budget.per}:{budget.subject if budget.subject is not None else budget.bot_id or ''}"
