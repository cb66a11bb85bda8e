"""Golden questions, the runs that asked them, and what came of each."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Double, ForeignKey, Identity, Index, LargeBinary, Numeric, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.db.base import Base

_NO_TEXTS = text("'{}'::text[]")


class GoldenQuestionRow(Base):
    """A question whose right answer is known. `digest` names its folded text: each is kept once."""

    __tablename__ = "golden_questions"
    __table_args__ = (
        CheckConstraint("origin IN ('corpus', 'disliked', 'hand')", name="origin"),
        CheckConstraint(
            "NOT active OR unanswerable OR cardinality(expected_references) + cardinality(accepted_answers) > 0",
            name="active",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    question: Mapped[str]
    language: Mapped[str]
    expected_references: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=_NO_TEXTS)
    accepted_answers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=_NO_TEXTS)
    unanswerable: Mapped[bool] = mapped_column(server_default=text("false"))
    origin: Mapped[str]
    way: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class QualityRunRow(Base):
    """One measurement. Of each kind and set of questions one run at most is the baseline."""

    __tablename__ = "quality_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('answers', 'retrieval')", name="kind"),
        CheckConstraint("state IN ('running', 'finished', 'broken')", name="state"),
        CheckConstraint("NOT is_baseline OR state = 'finished'", name="is_baseline"),
        Index("quality_runs_baseline_idx", "kind", "set", unique=True, postgresql_where=text("is_baseline")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    set: Mapped[str]
    label: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="running")
    conditions: Mapped[dict[str, Any]]
    settings_fingerprint: Mapped[str]
    questions_fingerprint: Mapped[str]
    figures: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    is_baseline: Mapped[bool] = mapped_column(server_default=text("false"))
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class QualityResultRow(Base):
    """How one question fared in a run; it outlives the question."""

    __tablename__ = "quality_results"

    run_id: Mapped[int] = mapped_column(ForeignKey("quality_runs.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    question: Mapped[str]
    language: Mapped[str]
    origin: Mapped[str | None]
    way: Mapped[str | None]
    score: Mapped[float] = mapped_column(Double)
    support: Mapped[float | None] = mapped_column(Double)
    first_place: Mapped[bool | None]
    refused: Mapped[bool]
    cost: Mapped[Decimal] = mapped_column(Numeric(12, 6))
    took_ms: Mapped[float] = mapped_column(Double)
    cited: Mapped[list[str]] = mapped_column(ARRAY(Text))
