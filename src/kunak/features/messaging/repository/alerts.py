"""Words to the admins."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.models import AlertRow
from kunak.features.messaging.schemas import Alert
from kunak.foundation.clock import now


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
    return await add_alert(session, key, words)


async def end_alert(session: AsyncSession, key: str) -> bool:
    """The matter is over: from now on `key` may speak again. False when there was none, or another has ended it."""
    ended = await session.scalars(
        update(AlertRow).where(AlertRow.key == key).values(key=f"{key}:over").returning(AlertRow.id)
    )
    return bool(ended.all())


async def add_alert(session: AsyncSession, key: str, words: str) -> int:
    row = AlertRow(key=key, text=words)
    session.add(row)
    await session.flush()
    return row.id


async def take_untold(session: AsyncSession, alert_id: int) -> str | None:
    """The words of an alert that was not told yet, from now on told; None when it was."""
    row = await session.get(AlertRow, alert_id, with_for_update=True, populate_existing=True)
    if row is None or row.told_at is not None:
        return None
    row.told_at = now()
    return row.text


async def list_untold(session: AsyncSession, *, waiting_for: timedelta, at_most: timedelta) -> list[int]:
    """Alerts that have been waiting to be told for at least `waiting_for`, and no longer than `at_most`."""
    age = func.now() - AlertRow.created_at
    query = select(AlertRow.id).where(AlertRow.told_at.is_(None), age > waiting_for, age < at_most)
    return list(await session.scalars(query.order_by(AlertRow.id).limit(100)))


async def list_alerts(session: AsyncSession, limit: int) -> list[Alert]:
    """The latest alerts, newest first."""
    rows = await session.scalars(select(AlertRow).order_by(AlertRow.created_at.desc()).limit(limit))
    return [Alert(row.key, row.text, row.times, row.created_at, row.told_at) for row in rows]
