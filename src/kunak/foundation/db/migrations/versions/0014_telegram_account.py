"""The Telegram account by which channels are read, and sources that it reads."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)


_UP = (
    """CREATE TABLE telegram_account (
        is_the_one boolean CONSTRAINT telegram_account_pkey PRIMARY KEY
            CONSTRAINT telegram_account_is_the_one_check CHECK (is_the_one),
        state text NOT NULL CONSTRAINT telegram_account_state_check CHECK (state IN ('out', 'active', 'paused')),
        session_sealed bytea,
        telegram_id bigint,
        name text,
        paused_reason text,
        wait_until timestamptz,
        logged_in_at timestamptz
    )""",
    """ALTER TABLE sources
        DROP CONSTRAINT sources_kind_check,
        ADD CONSTRAINT sources_kind_check
            CHECK (kind IN ('jsonl', 'channel', 'rss', 'site', 'telegram', 'telegram_account', 'telegram_export'))""",
)
# What the account has read has no place in the old tables; it is read again after the next upgrade.
_DOWN = (
    "DROP TABLE telegram_account",
    """DELETE FROM search_entries USING documents JOIN sources ON sources.id = source_id
        WHERE search_entries.kind = 'document' AND thing_id = documents.id AND sources.kind = 'telegram_account'""",
    "DELETE FROM sources WHERE kind = 'telegram_account'",
    """ALTER TABLE sources
        DROP CONSTRAINT sources_kind_check,
        ADD CONSTRAINT sources_kind_check
            CHECK (kind IN ('jsonl', 'channel', 'rss', 'site', 'telegram', 'telegram_export'))""",
)
