"""What tells posts of one event from others, and the questions that nothing was found for."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)


_UP = (
    # The longest stems of what a text begins with, as numbers: long ones are rare ones, and a comparison of numbers is
    # cheap enough to be made for a week of posts while somebody waits.
    """CREATE FUNCTION search_marks(passage integer, beginning text) RETURNS integer[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN CASE WHEN passage = 0 THEN ARRAY(
            SELECT hashtext(lexeme)
            FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.russian', left(beginning, 300)))) AS lexeme
            WHERE length(lexeme) > 2 AND lexeme !~ '[/@]'
            ORDER BY length(lexeme) DESC, lexeme COLLATE "C" LIMIT 10
        ) END""",
    """ALTER TABLE search_entries
        ADD COLUMN marks integer[] GENERATED ALWAYS AS (search_marks(passage, text)) STORED""",
    """CREATE TABLE search_gaps (
        question text NOT NULL CONSTRAINT search_gaps_pkey PRIMARY KEY,
        as_asked text NOT NULL,
        language text NOT NULL,
        times integer NOT NULL DEFAULT 1,
        first_asked_at timestamptz NOT NULL DEFAULT now(),
        last_asked_at timestamptz NOT NULL DEFAULT now(),
        resolved_at timestamptz
    )""",
    "CREATE INDEX search_gaps_times_idx ON search_gaps (times, last_asked_at)",
)
_DOWN = (
    "DROP TABLE search_gaps",
    "ALTER TABLE search_entries DROP COLUMN marks",
    "DROP FUNCTION search_marks",
)
