"""Sources that are read again and again: what, when, how far, and how it went; and the pages of sites."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)


_UP = (
    """ALTER TABLE sources
        DROP CONSTRAINT sources_kind_check,
        ADD CONSTRAINT sources_kind_check
            CHECK (kind IN ('jsonl', 'channel', 'rss', 'site', 'telegram', 'telegram_export')),
        ADD COLUMN address text,
        ADD COLUMN options jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN state text NOT NULL DEFAULT 'active',
        ADD CONSTRAINT sources_state_check CHECK (state IN ('active', 'paused')),
        ADD COLUMN every_s bigint,
        ADD COLUMN interval_s bigint NOT NULL DEFAULT 1800,
        ADD COLUMN keep_days bigint,
        ADD COLUMN cursor jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN version bigint NOT NULL DEFAULT 0,
        ADD COLUMN next_at timestamptz,
        ADD COLUMN read_at timestamptz,
        ADD COLUMN succeeded_at timestamptz,
        ADD COLUMN failures bigint NOT NULL DEFAULT 0,
        ADD COLUMN error_text text,
        ADD COLUMN notes text[] NOT NULL DEFAULT '{}',
        ADD COLUMN fetched bigint NOT NULL DEFAULT 0,
        ADD COLUMN added bigint NOT NULL DEFAULT 0,
        ADD COLUMN changed bigint NOT NULL DEFAULT 0,
        ADD COLUMN unchanged bigint NOT NULL DEFAULT 0,
        ADD COLUMN removed bigint NOT NULL DEFAULT 0,
        ADD COLUMN failed bigint NOT NULL DEFAULT 0""",
    "CREATE INDEX sources_next_at_idx ON sources (next_at) WHERE state = 'active' AND next_at IS NOT NULL",
    """CREATE INDEX documents_source_id_published_at_idx ON documents (source_id, published_at)
        WHERE published_at IS NOT NULL""",
    """CREATE TABLE source_pages (
        source_id bigint NOT NULL CONSTRAINT source_pages_source_id_fkey REFERENCES sources (id) ON DELETE CASCADE,
        address text NOT NULL,
        external_id text,
        changed_at timestamptz,
        etag text,
        modified text,
        read_at timestamptz,
        due_at timestamptz NOT NULL DEFAULT now(),
        failures bigint NOT NULL DEFAULT 0,
        error_text text,
        CONSTRAINT source_pages_pkey PRIMARY KEY (source_id, address)
    )""",
    "CREATE INDEX source_pages_source_id_due_at_idx ON source_pages (source_id, due_at)",
)
# Sources of the new kinds have no place in the old table; their documents are read again after the next upgrade.
_DOWN = (
    "DROP TABLE source_pages",
    "DROP INDEX documents_source_id_published_at_idx",
    """DELETE FROM search_entries USING documents JOIN sources ON sources.id = source_id
        WHERE search_entries.kind = 'document' AND thing_id = documents.id
          AND sources.kind NOT IN ('jsonl', 'channel')""",
    "DELETE FROM sources WHERE kind NOT IN ('jsonl', 'channel')",
    """ALTER TABLE sources
        DROP CONSTRAINT sources_kind_check,
        ADD CONSTRAINT sources_kind_check CHECK (kind IN ('jsonl', 'channel')),
        DROP COLUMN address, DROP COLUMN options, DROP COLUMN state, DROP COLUMN every_s, DROP COLUMN interval_s,
        DROP COLUMN keep_days, DROP COLUMN cursor, DROP COLUMN version, DROP COLUMN next_at, DROP COLUMN read_at,
        DROP COLUMN succeeded_at, DROP COLUMN failures, DROP COLUMN error_text, DROP COLUMN notes,
        DROP COLUMN fetched, DROP COLUMN added, DROP COLUMN changed, DROP COLUMN unchanged, DROP COLUMN removed,
        DROP COLUMN failed""",
)
