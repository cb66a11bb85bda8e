"""Budgets, and which words about them were said."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.language_models.models import BudgetRow, NoticeRow
from kunak.features.language_models.schemas import Budget, BudgetPeriod, Per

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(:keys) AS key").bindparams(
    bindparam("keys", type_=ARRAY(Text))
)


async def save_budget(session: AsyncSession, budget: Budget) -> None:
    values = vars(budget) | {"per": budget.per.value, "period": budget.period.value}
    save = insert(BudgetRow).values(values)
    own = "budgets_per_bot_id_subject_period_key"
    changed = {"amount": budget.amount, "currency": budget.currency}
    await session.execute(save.on_conflict_do_update(constraint=own, set_=changed))


async def remove_budgets(session: AsyncSession, per: Per, bot_id: int | None, subject: int | None) -> int:
    """Of every period; how many there were."""
    gone = delete(BudgetRow).where(_is(per, bot_id, subject)).returning(BudgetRow.id)
    return len((await session.scalars(gone)).all())


def _is(per: Per, bot_id: int | None, subject: int | None) -> ColumnElement[bool]:
    return (
        (BudgetRow.per == per.value)
        & BudgetRow.bot_id.is_not_distinct_from(bot_id)
        & BudgetRow.subject.is_not_distinct_from(subject)
    )


async def list_budgets(session: AsyncSession) -> list[Budget]:
    rows = await session.scalars(select(BudgetRow).order_by(BudgetRow.id))
    return [
        Budget(Per(row.per), BudgetPeriod(row.period), row.amount, row.bot_id, row.subject, row.currency)
        for row in rows
    ]


async def lock(session: AsyncSession, keys: Sequence[str]) -> None:
    """Nobody else may look at what is spent of these until this transaction ends."""
    await session.execute(_LOCK, {"keys": sorted(keys)})


async def list_noticed(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Those of `keys` of which something was said."""
    return set(await session.scalars(select(NoticeRow.key).where(NoticeRow.key.in_(keys))))


async def add_notice_once(session: AsyncSession, key: str) -> bool:
    """False when it was said before."""
    add = insert(NoticeRow).values(key=key).on_conflict_do_nothing().returning(NoticeRow.key)
    return await session.scalar(add) is not None


async def prune_notices(session: AsyncSession) -> None:
    await session.execute(text("DELETE FROM budget_notices WHERE at < now() - interval '62 days'"))
