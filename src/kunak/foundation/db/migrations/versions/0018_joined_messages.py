"""Messages that are answered together know the first of them; a remembered message knows its number in Telegram."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("ALTER TABLE inbox ADD COLUMN joined_to bigint")
    op.execute("CREATE INDEX inbox_joined_to_idx ON inbox (joined_to) WHERE joined_to IS NOT NULL")
    op.execute("ALTER TABLE thread_messages ADD COLUMN telegram_message_id bigint")


def downgrade() -> None:
    op.execute("ALTER TABLE thread_messages DROP COLUMN telegram_message_id")
    op.execute("ALTER TABLE inbox DROP COLUMN joined_to")
