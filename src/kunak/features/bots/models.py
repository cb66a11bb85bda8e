"""The table of bots."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Integer, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.db.base import Base


class BotRow(Base):
    """A Telegram bot. Removed ones stay, without their token: the ledger speaks of them."""

    __tablename__ = "bots"
    __table_args__ = (
        CheckConstraint("updates_by IN ('polling', 'webhook')", name="updates_by"),
        CheckConstraint("state IN ('active', 'paused', 'removed')", name="state"),
        CheckConstraint("answers IN ('rich', 'entities', 'plain')", name="answers"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    telegram_id: Mapped[int] = mapped_column(unique=True)
    username: Mapped[str]
    name: Mapped[str]
    token_sealed: Mapped[bytes | None]
    webhook_secret_sealed: Mapped[bytes]
    api_base: Mapped[str | None]
    updates_by: Mapped[str]
    state: Mapped[str]
    paused_reason: Mapped[str | None]
    next_update_id: Mapped[int] = mapped_column(server_default=text("0"))
    polled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    probe_at: Mapped[datetime | None]
    probes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    sources: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    is_manager: Mapped[bool] = mapped_column(server_default=false())
    managed_by: Mapped[int | None] = mapped_column(ForeignKey("bots.id", ondelete="SET NULL"))
    answers: Mapped[str] = mapped_column(server_default=text("'entities'"))
