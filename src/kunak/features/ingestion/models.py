"""Sources, the pages of sites, and documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.db.base import Base

_KINDS = "'jsonl', 'channel', 'rss', 'site', 'telegram', 'telegram_account', 'telegram_export'"


class Source(Base):
    """Where documents come from. One with `next_at` is read again and again; the others came in files."""

    __tablename__ = "sources"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("state IN ('active', 'paused', 'removing')", name="state"),
        Index(None, "next_at", postgresql_where=text("state = 'active' AND next_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    address: Mapped[str | None]
    options: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    state: Mapped[str] = mapped_column(server_default="active")
    every_s: Mapped[int | None]
    interval_s: Mapped[int] = mapped_column(server_default=text("1800"))
    keep_days: Mapped[int | None]
    cursor: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(server_default=text("0"))
    next_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    failing_since: Mapped[datetime | None]
    error_text: Mapped[str | None]
    notes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    fetched: Mapped[int] = mapped_column(server_default=text("0"))
    added: Mapped[int] = mapped_column(server_default=text("0"))
    changed: Mapped[int] = mapped_column(server_default=text("0"))
    unchanged: Mapped[int] = mapped_column(server_default=text("0"))
    removed: Mapped[int] = mapped_column(server_default=text("0"))
    failed: Mapped[int] = mapped_column(server_default=text("0"))


class WebHost(Base):
    """When a host may be asked for something again, by any of the processes that read sources."""

    __tablename__ = "web_hosts"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    host: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime]
    closed_until: Mapped[datetime | None]
    """The host has asked to be left alone."""


class SourcePage(Base):
    """A page of a site: known, and read when it is due."""

    __tablename__ = "source_pages"
    __table_args__ = (Index(None, "source_id", "due_at"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str | None]
    changed_at: Mapped[datetime | None]
    etag: Mapped[str | None]
    modified: Mapped[str | None]
    read_at: Mapped[datetime | None]
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    error_text: Mapped[str | None]


class Document(Base):
    """What a source says under one id. `content_hash` covers everything that the source decides."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("source_id", "external_id"),
        Index(None, "source_id", "published_at", postgresql_where=text("published_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DocumentTraits(Base):
    """What is compared of a document, and what came of it."""

    __tablename__ = "document_traits"
    __table_args__ = (
        Index(None, "bands", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index(
            None,
            "marks",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
            postgresql_where=text("copy_of IS NULL"),
        ),
        Index(None, "copy_of", postgresql_where=text("copy_of IS NOT NULL")),
        Index(None, "story_of", postgresql_where=text("story_of IS NOT NULL")),
    )

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    told_at: Mapped[datetime | None]
    tie: Mapped[int]
    """Says who was first among documents of one moment."""
    simhash: Mapped[int]
    bands: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    marks: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    copy_of: Mapped[int | None] = mapped_column(ForeignKey("documents.id", deferrable=True, initially="DEFERRED"))
    """The document that stands for it in search."""
    story_of: Mapped[int | None] = mapped_column(ForeignKey("documents.id", deferrable=True, initially="DEFERRED"))
    """The first document of its story."""
