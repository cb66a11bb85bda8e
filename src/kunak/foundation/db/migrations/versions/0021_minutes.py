"""What models that listen cost by the minute, and how long they listened."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute(
        """ALTER TABLE model_prices
            ADD COLUMN minute numeric CONSTRAINT model_prices_minute_check CHECK (minute >= 0)"""
    )
    op.execute("ALTER TABLE spendings ADD COLUMN seconds integer NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("ALTER TABLE spendings DROP COLUMN seconds")
    op.execute("DELETE FROM model_prices WHERE minute IS NOT NULL")
    op.execute("ALTER TABLE model_prices DROP COLUMN minute")
