"""Answers that end early when the person says so, and messages that Telegram may refuse in the form they have."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("ALTER TABLE inbox ADD COLUMN stop_asked boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE outbox ADD COLUMN instead jsonb")
    op.execute(
        "ALTER TABLE bots ADD COLUMN answers text NOT NULL DEFAULT 'entities'"
        " CONSTRAINT bots_answers_check CHECK (answers IN ('rich', 'entities', 'plain'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE bots DROP COLUMN answers")
    op.execute("ALTER TABLE outbox DROP COLUMN instead")
    op.execute("ALTER TABLE inbox DROP COLUMN stop_asked")
