"""Answers that are shown in groups while they are written: which message of Telegram that is."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute(
        """CREATE TABLE previews (
            inbox_id bigint NOT NULL CONSTRAINT previews_inbox_id_fkey REFERENCES inbox (id) ON DELETE CASCADE,
            telegram_message_id bigint,
            CONSTRAINT previews_pkey PRIMARY KEY (inbox_id)
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE previews")
