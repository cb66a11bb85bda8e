"""Calls of models: what is held for those under way, and what the others cost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, literal, or_, select, union_all, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.models import SpendingRow
from kunak.features.language_models.schemas import Bill, Budget, Per, Spender, Tokens

_COUNTS = or_(SpendingRow.held_until.is_(None), SpendingRow.held_until > func.now())


async def sum_spent(
    session: AsyncSession, wanted: Sequence[tuple[Budget, datetime]], spender: Spender
) -> list[Decimal]:
    """What was spent of each budget since then, in its currency, calls under way included."""
    sums = [_sum(number, budget, since, spender) for number, (budget, since) in enumerate(wanted)]
    found = {row.number: row.spent or Decimal(0) for row in await session.execute(union_all(*sums))}
    return [found[number] for number in range(len(sums))]


async def sum_between(
    session: AsyncSession, budget: Budget, since: datetime, before: datetime, spender: Spender
) -> Decimal:
    """What was spent of a budget between two moments."""
    found = await session.execute(_sum(0, budget, since, spender).where(SpendingRow.at < before))
    return found.one().spent or Decimal(0)


def _sum(number: int, budget: Budget, since: datetime, spender: Spender) -> Select[int, Decimal | None]:
    spent = func.sum(SpendingRow.cost)
    of_period = (SpendingRow.at >= since, SpendingRow.currency == budget.currency, _COUNTS)
    return select(literal(number).label("number"), spent.label("spent")).where(*_of(budget, spender), *of_period)


def _of(budget: Budget, spender: Spender) -> list[ColumnElement[bool]]:
    whose: list[ColumnElement[bool]] = []
    match budget.per:
        case Per.USER:
            whose = [SpendingRow.user_id == spender.user_id]
        case Per.CHAT:
            whose = [SpendingRow.chat_id == spender.chat_id]
        case Per.BOT:
            whose = [SpendingRow.bot_id == spender.bot_id]
    if budget.bot_id is not None and budget.per is not Per.BOT:
        whose.append(SpendingRow.bot_id == budget.bot_id)
    return whose


async def hold(session: AsyncSession, bill: Bill, lasts: timedelta) -> None:
    """Count an estimate of a call that begins, for no longer than this."""
    await session.execute(insert(SpendingRow).values(_values(bill) | {"held_until": func.now() + lasts}))


async def settle(session: AsyncSession, bill: Bill) -> None:
    """What a call cost, once, in place of what was held for it."""
    values = _values(bill) | {"held_until": None}
    save = insert(SpendingRow).values(values)
    await session.execute(save.on_conflict_do_update(index_elements=["id"], set_=values))


async def give_back(session: AsyncSession, bill_id: Any) -> None:
    """The call cost nothing."""
    await session.execute(delete(SpendingRow).where(SpendingRow.id == bill_id, SpendingRow.held_until.is_not(None)))


def _values(bill: Bill) -> dict[str, Any]:
    return {
        "id": bill.call_id,
        "bot_id": bill.spender.bot_id,
        "chat_id": bill.spender.chat_id,
        "user_id": bill.spender.user_id,
        "purpose": bill.purpose,
        "provider": bill.provider,
        "model": bill.model,
        "tokens_in": bill.tokens.input,
        "tokens_cached": bill.tokens.cached,
        "tokens_out": bill.tokens.output,
        "seconds": bill.tokens.seconds,
        "cost": bill.cost,
        "currency": bill.currency,
        "is_estimated": bill.is_estimated,
    }


async def take_lost(session: AsyncSession) -> list[Bill]:
    """Calls whose hold has run out, locked."""
    lost = select(SpendingRow).where(SpendingRow.held_until < func.now()).with_for_update(skip_locked=True).limit(500)
    return [
        Bill(
            row.id,
            Spender(row.bot_id, row.chat_id, row.user_id),
            row.purpose,
            row.provider,
            row.model,
            Tokens(row.tokens_in, row.tokens_cached, row.tokens_out, row.seconds),
            row.cost,
            row.currency,
            is_estimated=True,
        )
        for row in await session.scalars(lost)
    ]


async def forget_person(session: AsyncSession, bot_id: int, user_id: int) -> None:
    """From now on nobody is shown by name; the name itself stays as long as budgets need it."""
    of_person = (SpendingRow.bot_id == bot_id, SpendingRow.user_id == user_id)
    await session.execute(update(SpendingRow).where(*of_person).values(is_forgotten=True))


async def take_names_off(session: AsyncSession, *, forgotten_before: datetime, older_than: timedelta) -> None:
    old = SpendingRow.at < func.now() - older_than
    forgotten = SpendingRow.is_forgotten & (SpendingRow.at < forgotten_before)
    named = or_(SpendingRow.user_id.is_not(None), SpendingRow.chat_id.is_not(None))
    await session.execute(update(SpendingRow).where(named, or_(old, forgotten)).values(user_id=None, chat_id=None))
