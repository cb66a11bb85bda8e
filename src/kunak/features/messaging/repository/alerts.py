"""Words to the admins."""

from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.models import AlertRow


async def add_alert_once(session: AsyncSession, key: str, words: str, window: timedelta) -> int | None:
    """The id of a new alert; None when the same key spoke within `window` (that one is counted up)."""
    # Two workers with the same news at once: the second waits here, and then sees the first's.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    latest = await session.scalar(
        select(AlertRow)
        .where(AlertRow.key == key, AlertRow.created_at > func.now() - window)
        .order_by(AlertRow.created_at.desc())
        .limit(1)
    )
    if latest is not None:
        latest.times += 1
        return None
    row = AlertRow(key=key, text=words)
    session.add(row)
    await session.flush()
    return row.id


async def get_alert_text(session: AsyncSession, alert_id: int) -> str | None:
    words: str | None = await session.scalar(select(AlertRow.text).where(AlertRow.id == alert_id))
    return words


async def list_alerts(session: AsyncSession, limit: int) -> list[AlertRow]:
    """The latest alerts, newest first."""
    rows = await session.scalars(select(AlertRow).order_by(text("created_at DESC")).limit(limit))
    return list(rows)
