"""Every query about the Telegram account."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.telegram_account.schemas import Account, AccountState

_COLUMNS = "state, session_sealed, telegram_id, name, paused_reason, wait_until, logged_in_at"
_GET = text(f"SELECT {_COLUMNS} FROM telegram_account")  # noqa: S608  built from constants
_LOCK = text(f"SELECT {_COLUMNS} FROM telegram_account FOR UPDATE")  # noqa: S608  as above
_SAVE_LOGIN = text("""
INSERT INTO telegram_account AS known (is_the_one, state, session_sealed, telegram_id, name, logged_in_at)
VALUES (true, 'active', :session_sealed, :telegram_id, :name, now())
ON CONFLICT (is_the_one) DO UPDATE SET
    state = 'active', session_sealed = excluded.session_sealed, telegram_id = excluded.telegram_id,
    name = excluded.name, paused_reason = NULL, logged_in_at = excluded.logged_in_at
""")
_PAUSE = text("""
UPDATE telegram_account SET state = 'paused', paused_reason = :reason
WHERE state = 'active' AND session_sealed = :session_sealed
RETURNING true
""")
_FORGET = text("""
UPDATE telegram_account SET state = 'out', session_sealed = NULL, telegram_id = NULL, name = NULL, paused_reason = NULL
""")
_KEEP_WAIT = text("""
INSERT INTO telegram_account AS known (is_the_one, state, wait_until) VALUES (true, 'out', :until)
ON CONFLICT (is_the_one) DO UPDATE SET wait_until = greatest(known.wait_until, excluded.wait_until)
""")
_RESEAL = text("UPDATE telegram_account SET session_sealed = :session_sealed")


async def get_account(session: AsyncSession, *, locked: bool = False) -> Account:
    """The account; where there never was one, one that is out."""
    row = (await session.execute(_LOCK if locked else _GET)).mappings().one_or_none()
    if row is None:
        return Account(AccountState.OUT)
    values: dict[str, Any] = dict(row)
    return Account(**{**values, "state": AccountState(row["state"])})


async def save_login(session: AsyncSession, *, session_sealed: bytes, telegram_id: int, name: str) -> None:
    values = {"session_sealed": session_sealed, "telegram_id": telegram_id, "name": name}
    await session.execute(_SAVE_LOGIN, values)


async def pause_account(session: AsyncSession, *, session_sealed: bytes, reason: str) -> bool:
    """False when it is paused already, or somebody has logged in again meanwhile."""
    return bool(await session.scalar(_PAUSE, {"session_sealed": session_sealed, "reason": reason}))


async def forget_session(session: AsyncSession) -> None:
    await session.execute(_FORGET)


async def keep_wait(session: AsyncSession, until: datetime) -> None:
    """Ask nothing before `until`, nor before what was said earlier."""
    await session.execute(_KEEP_WAIT, {"until": until})


async def reseal(session: AsyncSession, session_sealed: bytes) -> None:
    await session.execute(_RESEAL, {"session_sealed": session_sealed})
