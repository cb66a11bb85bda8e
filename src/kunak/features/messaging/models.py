"""The tables of the message ledger."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.db.base import Base


class ChatRow(Base):
    """A chat of a bot: who holds its turn, who sends into it, and when it may be sent to next."""

    __tablename__ = "chats"

    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"), primary_key=True)
    chat_id: Mapped[int] = mapped_column(primary_key=True)
    turn_lease: Mapped[UUID | None]
    turn_until: Mapped[datetime | None]
    send_lease: Mapped[UUID | None]
    send_until: Mapped[datetime | None]
    next_send_at: Mapped[datetime | None]
    slot_at: Mapped[datetime | None]
    recent_sends: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)), server_default="{}")


class BotSendingRow(Base):
    """When a bot may send next, whatever the chat."""

    __tablename__ = "bot_sending"

    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"), primary_key=True)
    tat: Mapped[datetime]


class InboxRow(Base):
    """An update that Telegram sent, and how far its processing is."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("bot_id", "update_id"),
        CheckConstraint("state IN ('RECEIVED', 'PROCESSING', 'COMPLETED', 'FAILED', 'TERMINAL')", name="state"),
        Index(
            "inbox_waiting_idx", "bot_id", "chat_id", "update_id",
            postgresql_where=text("state IN ('RECEIVED', 'PROCESSING', 'FAILED')"),
        ),
        Index("inbox_after_gap_idx", "bot_id", "received_at", postgresql_where=text("after_gap")),
        Index("inbox_joined_to_idx", "joined_to", postgresql_where=text("joined_to IS NOT NULL")),
        Index("inbox_stop_asked_idx", "bot_id", "chat_id", "update_id", postgresql_where=text("stop_asked")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"))
    update_id: Mapped[int]
    chat_id: Mapped[int]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="RECEIVED")
    attempt: Mapped[int] = mapped_column(Integer, server_default="0")
    error_class: Mapped[str | None]
    error_text: Mapped[str | None]
    after_gap: Mapped[bool] = mapped_column(server_default=text("false"))
    received_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    retry_at: Mapped[datetime | None]
    joined_to: Mapped[int | None]
    """The message of the same turn that stands first, by whose id the answer is found."""
    stop_asked: Mapped[bool] = mapped_column(server_default=text("false"))


class OutboxRow(Base):
    """Something to be said in Telegram, and how far its delivery is."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('PENDING', 'SENDING', 'DELIVERED', 'FAILED', 'TERMINAL')", name="state"),
        Index(
            "outbox_waiting_idx", "bot_id", "chat_id", "id",
            postgresql_where=text("state IN ('PENDING', 'SENDING', 'FAILED')"),
        ),
        Index("outbox_inbox_id_idx", "inbox_id", postgresql_where=text("inbox_id IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"))
    chat_id: Mapped[int]
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id", ondelete="SET NULL"))
    method: Mapped[str]
    params: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="PENDING")
    attempt: Mapped[int] = mapped_column(Integer, server_default="0")
    error_class: Mapped[str | None]
    error_text: Mapped[str | None]
    interrupted: Mapped[int] = mapped_column(Integer, server_default="0")
    telegram_message_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    retry_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    instead: Mapped[dict[str, Any] | None]


class PreviewRow(Base):
    """Of a message that is being answered in a group: the message of ours that shows how far the answer is."""

    __tablename__ = "previews"

    inbox_id: Mapped[int] = mapped_column(ForeignKey("inbox.id", ondelete="CASCADE"), primary_key=True)
    telegram_message_id: Mapped[int | None]
    """None from before it is sent until Telegram has told it."""


class TransitionRow(Base):
    """One step of an inbox or outbox message; `RECEIVED` and `PENDING` are the times of the rows themselves."""

    __tablename__ = "message_transitions"
    __table_args__ = (
        CheckConstraint("box IN ('inbox', 'outbox')", name="box"),
        Index("message_transitions_message_id_box_idx", "message_id", "box"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    box: Mapped[str]
    message_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    state: Mapped[str]
    attempt: Mapped[int] = mapped_column(Integer)
    error_class: Mapped[str | None]
    error_text: Mapped[str | None]


class AlertRow(Base):
    """A word to the admins; `times` counts how often it would have been said within its window."""

    __tablename__ = "alerts"
    __table_args__ = (Index("alerts_key_created_at_idx", "key", "created_at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str]
    text: Mapped[str]
    times: Mapped[int] = mapped_column(Integer, server_default="1")
    told_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
