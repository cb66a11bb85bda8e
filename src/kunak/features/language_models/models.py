"""The tables of what language models cost."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.db.base import Base


class PriceRow(Base):
    """What a million tokens of a model cost, or a minute of sound; without a provider, with whichever runs it."""

    __tablename__ = "model_prices"
    __table_args__ = (
        CheckConstraint("input >= 0", name="input"),
        CheckConstraint("cached >= 0", name="cached"),
        CheckConstraint("output >= 0", name="output"),
        CheckConstraint("minute >= 0", name="minute"),
    )

    provider: Mapped[str] = mapped_column(primary_key=True, server_default="")
    model: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str]
    input: Mapped[Decimal] = mapped_column(Numeric)
    cached: Mapped[Decimal | None] = mapped_column(Numeric)
    output: Mapped[Decimal] = mapped_column(Numeric)
    minute: Mapped[Decimal | None] = mapped_column(Numeric)
    set_at: Mapped[datetime] = mapped_column(server_default=func.now())


class BudgetRow(Base):
    """What may be spent in a day or a month: by each user, chat or bot, by one of them, or altogether."""

    __tablename__ = "budgets"
    __table_args__ = (
        CheckConstraint("per IN ('user', 'chat', 'bot', 'installation')", name="per"),
        CheckConstraint("period IN ('day', 'month')", name="period"),
        CheckConstraint("amount >= 0", name="amount"),
        UniqueConstraint("per", "bot_id", "subject", "period", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    per: Mapped[str]
    bot_id: Mapped[int | None] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"))
    subject: Mapped[int | None]
    period: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric)
    currency: Mapped[str]


class BotModelRow(Base):
    """Which model a bot asks, and which cheaper one when its money runs low; empty: none chosen."""

    __tablename__ = "bot_models"

    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"), primary_key=True)
    model: Mapped[str] = mapped_column(server_default="")
    cheaper: Mapped[str] = mapped_column(server_default="")


class SpendingRow(Base):
    """One call of a model. Until it is known what it cost, an estimate is held (`held_until`)."""

    __tablename__ = "spendings"
    __table_args__ = (
        Index("spendings_at_idx", "at"),
        Index("spendings_bot_id_at_idx", "bot_id", "at"),
        Index("spendings_chat_id_at_idx", "chat_id", "at", postgresql_where=text("chat_id IS NOT NULL")),
        Index("spendings_user_id_at_idx", "user_id", "at", postgresql_where=text("user_id IS NOT NULL")),
        Index("spendings_held_until_idx", "held_until", postgresql_where=text("held_until IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    bot_id: Mapped[int | None] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"))
    chat_id: Mapped[int | None]
    user_id: Mapped[int | None]
    purpose: Mapped[str]
    provider: Mapped[str]
    model: Mapped[str]
    tokens_in: Mapped[int] = mapped_column(Integer)
    tokens_cached: Mapped[int] = mapped_column(Integer)
    tokens_out: Mapped[int] = mapped_column(Integer)
    seconds: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    cost: Mapped[Decimal | None] = mapped_column(Numeric)
    currency: Mapped[str]
    is_estimated: Mapped[bool]
    is_forgotten: Mapped[bool] = mapped_column(server_default=false())
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    held_until: Mapped[datetime | None]


class NoticeRow(Base):
    """A word about a budget that was said in its period: it is said once."""

    __tablename__ = "budget_notices"

    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
