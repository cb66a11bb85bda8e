"""What happened and matters, in one append-only log: audit, statistics and, later, a stream come from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.db.base import Base


class Event(Base):
    """One line of the log. Rows are never changed: a trigger refuses it."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    what: Mapped[str]
    thing: Mapped[str]
    data: Mapped[dict[str, Any]]


def record_event(session: AsyncSession, *, actor: str, what: str, thing: str, **data: Any) -> None:
    """Write down, in the caller's transaction, that `actor` did `what` (`bot.paused`) to `thing` (`bot:42`)."""
    session.add(Event(actor=actor, what=what, thing=thing, data=data))
