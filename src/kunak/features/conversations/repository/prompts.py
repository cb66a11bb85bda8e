"""The versions of prompts."""

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.models import PromptVersionRow
from kunak.features.conversations.schemas import PromptVersion


async def get_used(session: AsyncSession, bot_id: int, shipped: str) -> PromptVersion | None:
    """The bot's own version that is in use; else the shipped one of this wording, if it is kept."""
    own = and_(_of(bot_id), PromptVersionRow.is_active)
    used = select(PromptVersionRow).where(or_(own, and_(_of(None), PromptVersionRow.text == shipped)))
    row = await session.scalar(used.order_by(PromptVersionRow.bot_id.nulls_last()).limit(1))
    return None if row is None else _to_version(row)


async def get_shipped(session: AsyncSession, wording: str) -> PromptVersion | None:
    """The version without a bot that has this wording."""
    row = await session.scalar(select(PromptVersionRow).where(_of(None), PromptVersionRow.text == wording))
    return None if row is None else _to_version(row)


async def get_wording(session: AsyncSession, bot_id: int, number: int) -> str | None:
    """Of the bot's own version with this number."""
    return await session.scalar(select(PromptVersionRow.text).where(_of(bot_id), PromptVersionRow.number == number))


async def list_versions(session: AsyncSession, bot_id: int) -> list[PromptVersion]:
    """The bot's own, newest first."""
    rows = await session.scalars(select(PromptVersionRow).where(_of(bot_id)).order_by(PromptVersionRow.number.desc()))
    return [_to_version(row) for row in rows]


async def lock_versions(session: AsyncSession) -> None:
    """Nobody else may add a version until this transaction ends; reading goes on."""
    await session.execute(text("LOCK TABLE prompt_versions IN SHARE ROW EXCLUSIVE MODE"))


async def add_version(session: AsyncSession, bot_id: int | None, wording: str, note: str = "") -> PromptVersion:
    """Under the next number, not in use yet."""
    last = await session.scalar(select(func.max(PromptVersionRow.number)).where(_of(bot_id)))
    added = (
        insert(PromptVersionRow)
        .values(bot_id=bot_id, number=(last or 0) + 1, text=wording, note=note)
        .returning(PromptVersionRow)
    )
    return _to_version((await session.execute(added)).scalar_one())


async def use_version(session: AsyncSession, bot_id: int, number: int | None) -> bool:
    """Have the bot answer by this version of its own, None: by none of them; False when it has no such version."""
    await session.execute(update(PromptVersionRow).where(_of(bot_id)).values(is_active=False))
    if number is None:
        return True
    chosen = update(PromptVersionRow).where(_of(bot_id), PromptVersionRow.number == number).values(is_active=True)
    return await session.scalar(chosen.returning(PromptVersionRow.id)) is not None


def _of(bot_id: int | None) -> ColumnElement[bool]:
    return PromptVersionRow.bot_id.is_(None) if bot_id is None else PromptVersionRow.bot_id == bot_id


def _to_version(row: PromptVersionRow) -> PromptVersion:
    return PromptVersion(row.id, row.number, row.text, row.note, row.is_active, row.created_at, row.bot_id is None)
