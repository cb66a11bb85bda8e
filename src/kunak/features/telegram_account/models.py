"""The table of the one Telegram account."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.db.base import Base


class TelegramAccountRow(Base):
    """One row at most. It stays after a log-out: how long Telegram asked to wait is not to be forgotten."""

    __tablename__ = "telegram_account"
    __table_args__ = (
        CheckConstraint("is_the_one", name="is_the_one"),
        CheckConstraint("state IN ('out', 'active', 'paused')", name="state"),
    )

    is_the_one: Mapped[bool] = mapped_column(primary_key=True)
    state: Mapped[str]
    session_sealed: Mapped[bytes | None]
    telegram_id: Mapped[int | None]
    name: Mapped[str | None]
    paused_reason: Mapped[str | None]
    wait_until: Mapped[datetime | None]
    logged_in_at: Mapped[datetime | None]
