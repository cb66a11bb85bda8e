"""Votes on answers, questions that follow, summaries of threads; how bots are probed, and what they may quote.

There may be many generations, and answers are written meanwhile: nothing that looks at all of them locks the table.
Whatever was done before a failure is done again, or is there already.
"""

from alembic import op
from sqlalchemy import text

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for statement in _WIDEN:
            op.execute(statement)
        _give_keys()
        for statement in _CHECK:
            op.execute(statement)
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)


def _give_keys() -> None:
    """To those that were written before; a batch at a time, so that none is locked for long."""
    after: int | None = 0
    while after is not None:
        after = op.get_bind().execute(_GIVE_KEYS, {"after": after}).scalar()


_GIVE_KEYS = text("""
    WITH batch AS (SELECT id FROM generations WHERE id > :after ORDER BY id LIMIT 5000),
    given AS (UPDATE generations SET key = gen_random_uuid()
                FROM batch WHERE generations.id = batch.id AND generations.key IS NULL)
    SELECT max(id) FROM batch
""")
# A column that is added with such a default, or added as one that is never empty, is written into every row at once.
_WIDEN = (
    "ALTER TABLE generations ADD COLUMN IF NOT EXISTS key uuid",
    "ALTER TABLE generations ALTER COLUMN key SET DEFAULT gen_random_uuid()",
    """ALTER TABLE generations
        DROP CONSTRAINT IF EXISTS generations_mode_check,
        ADD CONSTRAINT generations_mode_check CHECK (mode IN ('grounded', 'free', 'summary')) NOT VALID,
        DROP CONSTRAINT IF EXISTS generations_has_key,
        ADD CONSTRAINT generations_has_key CHECK (key IS NOT NULL) NOT VALID""",
)
# SET NOT NULL believes a check that is valid, and does not look at the rows.
_CHECK = (
    "ALTER TABLE generations VALIDATE CONSTRAINT generations_mode_check",
    "ALTER TABLE generations VALIDATE CONSTRAINT generations_has_key",
    "ALTER TABLE generations ALTER COLUMN key SET NOT NULL",
    "ALTER TABLE generations DROP CONSTRAINT generations_has_key",
    "DROP INDEX CONCURRENTLY IF EXISTS generations_key_key",
    "CREATE UNIQUE INDEX CONCURRENTLY generations_key_key ON generations (key)",
)
_UP = (
    """ALTER TABLE generations
        ADD COLUMN follow_ups jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN followed integer[] NOT NULL DEFAULT '{}',
        ADD CONSTRAINT generations_key_key UNIQUE USING INDEX generations_key_key""",
    """CREATE TABLE generation_votes (
        generation_id bigint NOT NULL
            CONSTRAINT generation_votes_generation_id_fkey REFERENCES generations (id) ON DELETE CASCADE,
        person_id bigint NOT NULL,
        is_up boolean NOT NULL,
        voted_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT generation_votes_pkey PRIMARY KEY (generation_id, person_id)
    )""",
    "CREATE INDEX generation_votes_person_id_idx ON generation_votes (person_id)",
    """ALTER TABLE threads
        ADD COLUMN summary text NOT NULL DEFAULT '',
        ADD COLUMN summarised_up_to bigint NOT NULL DEFAULT 0""",
    """ALTER TABLE bots
        ADD COLUMN probe_at timestamptz,
        ADD COLUMN probes integer NOT NULL DEFAULT 0,
        ADD COLUMN sources jsonb,
        ADD COLUMN is_manager boolean NOT NULL DEFAULT false,
        ADD COLUMN managed_by bigint CONSTRAINT bots_managed_by_fkey REFERENCES bots (id) ON DELETE SET NULL""",
)

_DOWN = (
    """ALTER TABLE bots
        DROP COLUMN managed_by, DROP COLUMN is_manager, DROP COLUMN sources, DROP COLUMN probes,
        DROP COLUMN probe_at""",
    "ALTER TABLE threads DROP COLUMN summarised_up_to, DROP COLUMN summary",
    "DROP TABLE generation_votes",
    "DELETE FROM generations WHERE mode = 'summary'",
    """ALTER TABLE generations
        DROP CONSTRAINT generations_mode_check,
        ADD CONSTRAINT generations_mode_check CHECK (mode IN ('grounded', 'free')),
        DROP COLUMN followed, DROP COLUMN follow_ups, DROP COLUMN key""",
)
