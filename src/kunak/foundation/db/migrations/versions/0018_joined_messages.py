"""Messages that are answered together know the first of them; a remembered message knows its number in Telegram.

The inbox may be long, and updates arrive meanwhile: its indexes are built beside them. Whatever was done before a
failure is done again, or is there already.
"""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("ALTER TABLE inbox ADD COLUMN IF NOT EXISTS joined_to bigint")
    with op.get_context().autocommit_block():
        for name, what in _INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON inbox {what}")
    op.execute("ALTER TABLE thread_messages ADD COLUMN telegram_message_id bigint")


def downgrade() -> None:
    op.execute("ALTER TABLE thread_messages DROP COLUMN telegram_message_id")
    op.execute("DROP INDEX inbox_stop_asked_idx")
    op.execute("ALTER TABLE inbox DROP COLUMN joined_to")


_INDEXES = {
    "inbox_joined_to_idx": "(joined_to) WHERE joined_to IS NOT NULL",
    "inbox_stop_asked_idx": "(bot_id, chat_id, update_id) WHERE stop_asked",
}
