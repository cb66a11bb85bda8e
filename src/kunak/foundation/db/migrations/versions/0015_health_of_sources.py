"""Since when a source fails, sources that are being removed, and when hosts may be asked again."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)


_UP = (
    "ALTER TABLE sources ADD COLUMN failing_since timestamptz",
    "UPDATE sources SET failing_since = coalesce(succeeded_at, read_at, now()) WHERE failures > 0",
    "ALTER TABLE sources DROP CONSTRAINT sources_state_check",
    """ALTER TABLE sources
        ADD CONSTRAINT sources_state_check CHECK (state IN ('active', 'paused', 'removing'))""",
    # Unlogged: it changes with every page that is fetched, and after a crash nobody is asking anybody for anything.
    """CREATE UNLOGGED TABLE web_hosts (
        host text NOT NULL CONSTRAINT web_hosts_pkey PRIMARY KEY,
        free_at timestamptz NOT NULL,
        closed_until timestamptz
    )""",
)
_DOWN = (
    "DROP TABLE web_hosts",
    "ALTER TABLE sources DROP CONSTRAINT sources_state_check",
    "UPDATE sources SET state = 'paused' WHERE state = 'removing'",
    "ALTER TABLE sources ADD CONSTRAINT sources_state_check CHECK (state IN ('active', 'paused'))",
    "ALTER TABLE sources DROP COLUMN failing_since",
)
