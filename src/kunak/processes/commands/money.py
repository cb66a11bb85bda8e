"""`kunak price …`, `kunak budget …`, `kunak usage`, `kunak bot model`: what models cost, from the command line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import service as bots
from kunak.features.language_models import service as models
from kunak.features.language_models.schemas import Budget, BudgetPeriod, ModelChoice, Per, Price, UsageBy, UsageLine
from kunak.foundation.clock import now
from kunak.foundation.errors import InvalidInputError
from kunak.processes.bootstrap import Kunak
from kunak.processes.commands.bots import ACTOR
from kunak.processes.commands.models import note_unlisted
from kunak.processes.models_in_use import models_in_use


@dataclass(frozen=True)
class Scope:
    """Whose money: `bot` is a bot's name, `subject` the number of a user or group."""

    per: Per
    bot: str | None = None
    subject: int | None = None


def read_amount(given: str) -> Decimal:
    """
    Raises:
        InvalidInputError: it is no number.
    """
    try:
        return Decimal(given.strip().replace(",", "."))
    except InvalidOperation:
        raise InvalidInputError(f"“{given}” is no amount, such as 0.50; nothing was changed.") from None


async def set_price(kunak: Kunak, price: Price) -> None:
    async with kunak.sessions.begin() as session:
        await models.set_price(session, price, actor=ACTOR)


async def list_prices(kunak: Kunak) -> tuple[list[Price], list[str]]:
    """All prices; and of the models in use that have none, what comes of it."""
    async with kunak.sessions() as session:
        return await models.list_prices(session), await _list_unpriced(kunak, session)


async def remove_price(kunak: Kunak, provider: str, model: str) -> None:
    async with kunak.sessions.begin() as session:
        await models.remove_price(session, provider, model, actor=ACTOR)


async def set_budgets(kunak: Kunak, scope: Scope, amounts: dict[BudgetPeriod, Decimal]) -> tuple[list[str], list[str]]:
    """What holds now, in words; and of the models in use that have no price, what comes of it."""
    async with kunak.sessions.begin() as session:
        bot_id = await _bot_id(session, scope.bot)
        for period, amount in amounts.items():
            await models.set_budget(session, Budget(scope.per, period, amount, bot_id, scope.subject), actor=ACTOR)
        return await _describe_all(session), await _list_unpriced(kunak, session)


async def list_budgets(kunak: Kunak) -> tuple[list[str], list[Budget]]:
    """In words, and as they are."""
    async with kunak.sessions() as session:
        return await _describe_all(session), await models.list_budgets(session)


async def remove_budgets(kunak: Kunak, scope: Scope) -> int:
    async with kunak.sessions.begin() as session:
        bot_id = await _bot_id(session, scope.bot)
        return await models.remove_budget(session, scope.per, bot_id, scope.subject, actor=ACTOR)


async def list_usage(kunak: Kunak, by: UsageBy, days: int) -> list[UsageLine]:
    """Of the last days, today included."""
    async with kunak.sessions() as session:
        return await models.list_usage(session, by, _begin(kunak, days), kunak.books.zone)


async def choose_model(
    kunak: Kunak, name: str, model: str | None, cheaper: str | None
) -> tuple[ModelChoice, list[str]]:
    """What holds for the bot now; and what is to be said of it, in words. None leaves as it is."""
    async with kunak.sessions.begin() as session:
        bot = await bots.find_bot(session, name)
        choice = await models.choice_of(session, bot.id)
        changes = {"model": model, "cheaper": cheaper}
        changed = replace(choice, **{what: value for what, value in changes.items() if value is not None})
        if changed != choice:
            await models.choose_model(session, bot.id, changed, actor=ACTOR)
    return changed, await note_unlisted(kunak.models, changed)


def _begin(kunak: Kunak, days: int) -> datetime:
    midnight = now().astimezone(kunak.books.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1)


async def _bot_id(session: AsyncSession, name: str | None) -> int | None:
    return None if name is None else (await bots.find_bot(session, name)).id


async def _describe_all(session: AsyncSession) -> list[str]:
    names = {bot.id: f"@{bot.username}" for bot in await bots.list_bots(session)}
    found: Sequence[Budget] = await models.list_budgets(session)
    return [models.describe_budget(each, names.get(each.bot_id or 0, "")) for each in found]


async def _list_unpriced(kunak: Kunak, session: AsyncSession) -> list[str]:
    return await models.list_unpriced(session, models_in_use(kunak.settings), kunak.books)
