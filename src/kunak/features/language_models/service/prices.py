"""The owner's table of prices, and the models of each bot. Nothing is built in: prices change, and names too."""

import re
from collections import defaultdict
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import service as bots
from kunak.features.language_models.repository import prices
from kunak.features.language_models.schemas import DEFAULT_CURRENCY, ModelChoice, Price
from kunak.foundation.db.events import record_event
from kunak.foundation.errors import ConflictError, InvalidInputError, NotFoundError

_CURRENCY = re.compile(r"[A-Z]{3}")
_MOST = Decimal(1_000_000_000)
_LONGEST_NAME = 200


async def set_price(session: AsyncSession, price: Price, *, actor: str) -> None:
    """
    Raises:
        InvalidInputError: it is no price.
        ConflictError: it is in another currency than the others.
    """
    for amount in (price.input, price.output, price.cached, price.minute):
        if amount is not None:
            check_amount(amount)
    check_model(price.model)
    await check_currency(session, price.currency)
    await prices.save_price(session, price)
    what = {name: str(value) for name, value in vars(price).items()}
    record_event(session, actor=actor, what="price.set", thing=f"model:{price.model}", **what)


async def remove_price(session: AsyncSession, provider: str, model: str, *, actor: str) -> None:
    """
    Raises:
        NotFoundError: there is none.
    """
    if not await prices.remove_price(session, provider, model):
        raise NotFoundError(f"There is no price for {model}{f' of {provider}' if provider else ''}.")
    record_event(session, actor=actor, what="price.removed", thing=f"model:{model}", provider=provider)


async def list_prices(session: AsyncSession) -> list[Price]:
    return await prices.list_prices(session)


async def choice_of(session: AsyncSession, bot_id: int) -> ModelChoice:
    return await prices.get_choice(session, bot_id)


async def choose_model(session: AsyncSession, bot_id: int, choice: ModelChoice, *, actor: str) -> None:
    """
    Raises:
        InvalidInputError: a name is none.
    """
    for name in filter(None, (choice.model, choice.cheaper)):
        check_model(name)
    await prices.save_choice(session, bot_id, choice)
    record_event(session, actor=actor, what="model.chosen", thing=f"bot:{bot_id}", **vars(choice))


async def list_chosen(session: AsyncSession) -> dict[str, list[str]]:
    """The models that bots chose, cheaper ones too, in the words of the first provider: each with the bots that may ask
    it, such as `@friend_bot`.
    """
    choices, chosen = await prices.list_choices(session), defaultdict[str, list[str]](list)
    for bot in await bots.list_bots(session):
        choice = choices.get(bot.id, ModelChoice())
        for model in {choice.model, choice.cheaper} - {""}:
            chosen[model].append(f"@{bot.username}")
    return dict(sorted(chosen.items()))


def check_model(name: str) -> None:
    """
    Raises:
        InvalidInputError: no model can be called so.
    """
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInputError("This is no name of a model; nothing was changed.")


def check_amount(amount: Decimal) -> None:
    """
    Raises:
        InvalidInputError: it is no amount of money.
    """
    if not amount.is_finite() or not 0 <= amount <= _MOST:
        raise InvalidInputError(f"An amount is a number from 0 to {_MOST:,}; nothing was changed.")


async def check_currency(session: AsyncSession, currency: str) -> None:
    """
    Raises:
        InvalidInputError: it is none.
        ConflictError: another one is in use; amounts of two could not be added up.
    """
    if not _CURRENCY.fullmatch(currency):
        raise InvalidInputError("A currency is three capital letters, such as USD; nothing was changed.")
    others = await prices.list_currencies(session) - {currency}
    if others:
        raise ConflictError(
            f"Prices and budgets are in {', '.join(sorted(others))}, and there is only one currency. Remove them "
            "first, or give the amount in it; nothing was changed."
        )


async def currency_in_use(session: AsyncSession) -> str:
    return next(iter(sorted(await prices.list_currencies(session))), DEFAULT_CURRENCY)
