"""Every query about bots."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots.models import BotRow
from kunak.features.bots.schemas import Answers, Bot, BotState, UpdatesBy

CHANGED = "kunak_bots"  # the NOTIFY channel that tells running processes to look again
_FIRST_PROBE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_PAUSE = "least(CAST(:first AS interval) * power(2, least(probes, 20)), CAST(:longest AS interval))"
_SCHEDULE_PROBE = text(f"""
UPDATE bots AS bot SET probes = known.probes, probe_at = clock_timestamp() + {_PAUSE.replace("probes", "known.probes")}
  FROM (SELECT id, CASE WHEN probe_at > now() - interval '1 day' THEN probes ELSE 0 END AS probes FROM bots) AS known
 WHERE bot.id = :id AND known.id = bot.id
""")  # noqa: S608  built from constants
_CLAIM_PROBES = text(f"""
UPDATE bots SET probes = probes + 1, probe_at = clock_timestamp() + 2 * {_PAUSE}
 WHERE id IN (SELECT id FROM bots WHERE state = 'paused' AND probe_at <= clock_timestamp() FOR UPDATE SKIP LOCKED)
RETURNING id
""")  # noqa: S608  built from constants


async def get_bot(session: AsyncSession, bot_id: int) -> Bot | None:
    row = await session.get(BotRow, bot_id, populate_existing=True)
    return None if row is None else to_bot(row)


async def list_bots(session: AsyncSession) -> list[Bot]:
    """All bots that were not removed, oldest first."""
    rows = await session.scalars(select(BotRow).where(BotRow.state != BotState.REMOVED).order_by(BotRow.id))
    return [to_bot(row) for row in rows]


async def lock_bot(session: AsyncSession, bot_id: int) -> BotRow | None:
    return await session.get(BotRow, bot_id, with_for_update=True, populate_existing=True)


async def find_by_telegram_id(session: AsyncSession, telegram_id: int) -> Bot | None:
    row = await session.scalar(select(BotRow).where(BotRow.telegram_id == telegram_id))
    return None if row is None else to_bot(row)


async def lock_bot_by_telegram_id(session: AsyncSession, telegram_id: int) -> BotRow | None:
    found: BotRow | None = await session.scalar(
        select(BotRow).where(BotRow.telegram_id == telegram_id).with_for_update()
    )
    return found


async def lock_all_bots(session: AsyncSession) -> list[BotRow]:
    return list(await session.scalars(select(BotRow).order_by(BotRow.id).with_for_update()))


async def add_bot(session: AsyncSession, row: BotRow) -> BotRow:
    session.add(row)
    await session.flush()
    return row


async def schedule_probe(session: AsyncSession, row: BotRow) -> None:
    """Try the bot some time after now: later, the oftener that had to be done within the last day."""
    await session.flush()
    await session.execute(_SCHEDULE_PROBE, {"id": row.id, "first": _FIRST_PROBE, "longest": _LONGEST_PAUSE})
    await session.refresh(row)


async def claim_probes(session: AsyncSession) -> list[Bot]:
    """Bots whose time it is to be tried; nobody else gets them before they are due again."""
    due = await session.scalars(_CLAIM_PROBES, {"first": _FIRST_PROBE, "longest": _LONGEST_PAUSE})
    rows = await session.scalars(select(BotRow).where(BotRow.id.in_(list(due))).order_by(BotRow.id))
    return [to_bot(row) for row in rows]


async def set_manager(session: AsyncSession, bot_id: int, manager_id: int) -> None:
    await session.execute(update(BotRow).where(BotRow.id == bot_id).values(managed_by=manager_id))


async def save_polling_place(session: AsyncSession, bot_id: int, next_update_id: int, at: datetime) -> None:
    await session.execute(update(BotRow).where(BotRow.id == bot_id).values(next_update_id=next_update_id, polled_at=at))


async def tell_processes(session: AsyncSession) -> None:
    """Wake whoever listens, when the transaction commits."""
    await session.execute(select(func.pg_notify(text(f"'{CHANGED}'"), "")))


def to_bot(row: BotRow) -> Bot:
    return Bot(
        id=row.id,
        telegram_id=row.telegram_id,
        username=row.username,
        name=row.name,
        api_base=row.api_base,
        updates_by=UpdatesBy(row.updates_by),
        state=BotState(row.state),
        paused_reason=row.paused_reason,
        next_update_id=row.next_update_id,
        polled_at=row.polled_at,
        token_sealed=row.token_sealed,
        webhook_secret_sealed=row.webhook_secret_sealed,
        sources=None if row.sources is None else tuple(row.sources),
        is_manager=row.is_manager,
        managed_by=row.managed_by,
        answers=Answers(row.answers),
    )
