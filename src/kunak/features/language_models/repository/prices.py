"""Prices, the models of bots, and what of all this holds for one spender."""

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.models import BotModelRow, BudgetRow, PriceRow
from kunak.features.language_models.schemas import (
    Budget,
    BudgetPeriod,
    ModelChoice,
    Per,
    Price,
    Spender,
    Terms,
)

# One statement, since it comes before every answer. Amounts as text: JSON's numbers would be read as floats.
_TERMS = text("""
    SELECT (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'provider', provider, 'model', model, 'currency', currency,
                'input', input::text, 'cached', cached::text, 'output', output::text,
                'minute', minute::text)), '[]')
              FROM model_prices) AS prices,
           (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'per', per, 'bot_id', bot_id, 'subject', subject, 'period', period, 'amount', amount::text,
                'currency', currency)), '[]')
              FROM budgets
             WHERE (bot_id IS NULL OR bot_id = :bot)
               AND (subject IS NULL OR per = 'user' AND subject = :user OR per = 'chat' AND subject = :chat)
           ) AS budgets,
           (SELECT jsonb_build_object('model', model, 'cheaper', cheaper) FROM bot_models WHERE bot_id = :bot) AS choice
""").bindparams(*(bindparam(name, type_=BigInteger) for name in ("bot", "user", "chat")))


async def get_terms(session: AsyncSession, spender: Spender) -> Terms:
    """Prices, the budgets that may bound this spender, and the models of its bot."""
    who = {"bot": spender.bot_id, "user": spender.user_id, "chat": spender.chat_id}
    row = (await session.execute(_TERMS, who)).one()
    return Terms(
        [_read_price(each) for each in row.prices],
        [_read_budget(each) for each in row.budgets],
        ModelChoice(**row.choice) if row.choice else ModelChoice(),
    )


def _read_price(row: dict[str, Any]) -> Price:
    amounts = {name: Decimal(row[name]) for name in ("input", "cached", "output", "minute") if row[name] is not None}
    return Price(**row | amounts)


def _read_budget(row: dict[str, Any]) -> Budget:
    return Budget(
        **row | {"per": Per(row["per"]), "period": BudgetPeriod(row["period"]), "amount": Decimal(row["amount"])}
    )


async def save_price(session: AsyncSession, price: Price) -> None:
    values: dict[str, Any] = vars(price) | {"set_at": func.now()}
    save = insert(PriceRow).values(values)
    await session.execute(save.on_conflict_do_update(index_elements=["provider", "model"], set_=values))


async def remove_price(session: AsyncSession, provider: str, model: str) -> bool:
    """False when there was none."""
    gone = delete(PriceRow).where(PriceRow.provider == provider, PriceRow.model == model).returning(PriceRow.model)
    return await session.scalar(gone) is not None


async def list_prices(session: AsyncSession) -> list[Price]:
    rows = await session.scalars(select(PriceRow).order_by(PriceRow.model, PriceRow.provider))
    return [Price(row.model, row.input, row.output, row.cached, row.currency, row.provider, row.minute) for row in rows]


async def list_currencies(session: AsyncSession) -> set[str]:
    """In which prices and budgets are."""
    known = select(PriceRow.currency).union(select(BudgetRow.currency))
    return set(await session.scalars(known))


async def get_choice(session: AsyncSession, bot_id: int) -> ModelChoice:
    row = await session.get(BotModelRow, bot_id)
    return ModelChoice() if row is None else ModelChoice(row.model, row.cheaper)


async def save_choice(session: AsyncSession, bot_id: int, choice: ModelChoice) -> None:
    save = insert(BotModelRow).values(bot_id=bot_id, **vars(choice))
    await session.execute(save.on_conflict_do_update(index_elements=["bot_id"], set_=vars(choice)))


async def list_choices(session: AsyncSession) -> dict[int, ModelChoice]:
    """By the number of the bot; of removed ones, too."""
    rows = await session.scalars(select(BotModelRow))
    return {row.bot_id: ModelChoice(row.model, row.cheaper) for row in rows}
