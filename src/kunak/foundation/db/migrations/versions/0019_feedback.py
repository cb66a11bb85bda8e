"""Votes on answers, questions that follow, summaries of threads; how bots are probed, and what they may quote."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)


_UP = (
    """ALTER TABLE generations
        ADD COLUMN key uuid NOT NULL DEFAULT gen_random_uuid(),
        ADD COLUMN follow_ups jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN followed integer[] NOT NULL DEFAULT '{}',
        ADD CONSTRAINT generations_key_key UNIQUE (key),
        DROP CONSTRAINT generations_mode_check,
        ADD CONSTRAINT generations_mode_check CHECK (mode IN ('grounded', 'free', 'summary'))""",
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
