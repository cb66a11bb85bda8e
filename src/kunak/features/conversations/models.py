"""The tables of conversations."""

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.db.base import Base


class SearchRow(Base):
    """A question whose answer bears buttons. What they show stands in their data; here is what they share."""

    __tablename__ = "conversation_searches"
    __table_args__ = (
        UniqueConstraint("bot_id", "chat_id", "message_id"),
        Index("conversation_searches_asked_at_idx", "asked_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"))
    chat_id: Mapped[int]
    message_id: Mapped[int]
    wish: Mapped[str]
    question: Mapped[str]
    language: Mapped[str]
    spans: Mapped[list[str]] = mapped_column(JSONB)
    sources: Mapped[list[list[str]]] = mapped_column(JSONB)
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ToldCommandsRow(Base):
    """What Telegram was told last of the commands of a bot: a fingerprint of their wording."""

    __tablename__ = "conversation_told_commands"

    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str]
    told_at: Mapped[datetime] = mapped_column(server_default=func.now())
