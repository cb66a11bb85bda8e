"""The tables of conversations."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Double,
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


class ThreadRow(Base):
    """A conversation: what is said in a chat, or in one topic of it (0: none), from one beginning to the next."""

    __tablename__ = "threads"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        Index("threads_open_idx", "bot_id", "chat_id", "topic", unique=True, postgresql_where=text("state = 'open'")),
        Index("threads_bot_id_chat_id_idx", "bot_id", "chat_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"))
    chat_id: Mapped[int]
    topic: Mapped[int] = mapped_column(server_default=text("0"))
    language: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    summary: Mapped[str] = mapped_column(server_default="")
    summarised_up_to: Mapped[int] = mapped_column(server_default=text("0"))


class ThreadMessageRow(Base):
    """What was asked, or answered. `inbox_id` tells the update: the ledger forgets it in its own time."""

    __tablename__ = "thread_messages"
    __table_args__ = (
        UniqueConstraint("thread_id", "inbox_id", "role"),
        CheckConstraint("role IN ('user', 'assistant')", name="role"),
        Index("thread_messages_created_at_idx", "created_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    inbox_id: Mapped[int]
    role: Mapped[str]
    text: Mapped[str]
    tokens: Mapped[int] = mapped_column(Integer)
    telegram_message_id: Mapped[int | None]
    """Of a question that was one message: so that it can follow an edit."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PromptVersionRow(Base):
    """One wording of a bot's prompt, never changed; without a bot, a shipped one, kept when it was first used."""

    __tablename__ = "prompt_versions"
    __table_args__ = (
        UniqueConstraint("bot_id", "number", postgresql_nulls_not_distinct=True),
        Index("prompt_versions_active_idx", "bot_id", unique=True, postgresql_where=text("is_active")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bot_id: Mapped[int | None] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    is_active: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class GenerationRow(Base):
    """One answer of a model, with what it was made from."""

    __tablename__ = "generations"
    __table_args__ = (
        CheckConstraint("mode IN ('grounded', 'free', 'summary')", name="mode"),
        UniqueConstraint("key"),
        Index("generations_bot_id_chat_id_idx", "bot_id", "chat_id"),
        Index("generations_created_at_idx", "created_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"))
    chat_id: Mapped[int]
    inbox_id: Mapped[int]
    mode: Mapped[str]
    outcome: Mapped[str]
    question: Mapped[str]
    history: Mapped[list[list[str]]] = mapped_column(JSONB)
    passages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    prompt_version_id: Mapped[int] = mapped_column(ForeignKey("prompt_versions.id", ondelete="CASCADE"))
    rules: Mapped[str]
    text: Mapped[str]
    provider: Mapped[str]
    model: Mapped[str]
    tokens_in: Mapped[int | None] = mapped_column(Integer)
    tokens_cached: Mapped[int | None] = mapped_column(Integer)
    tokens_out: Mapped[int | None] = mapped_column(Integer)
    seconds: Mapped[float] = mapped_column(Double)
    cost: Mapped[Decimal | None] = mapped_column(Numeric)
    currency: Mapped[str] = mapped_column(server_default="")
    is_estimated: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    key: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    follow_ups: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    followed: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")


class LanguageRow(Base):
    """The language in which a person wants to be spoken to by a bot, whatever their client says."""

    __tablename__ = "person_languages"

    bot_id: Mapped[int] = mapped_column(ForeignKey("bots.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[str]


class VoteRow(Base):
    """What a person thinks of an answer of a model."""

    __tablename__ = "generation_votes"
    __table_args__ = (Index("generation_votes_person_id_idx", "person_id"),)

    generation_id: Mapped[int] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_up: Mapped[bool]
    voted_at: Mapped[datetime] = mapped_column(server_default=func.now())
