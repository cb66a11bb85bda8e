"""What search can be narrowed by, titles as suggestions, and how far a rebuilding of the index has come."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)


_UP = (
    """ALTER TABLE search_entries
        ADD COLUMN source text, ADD COLUMN place text, ADD COLUMN price bigint, ADD COLUMN category text""",
    """UPDATE search_entries AS entry SET source = sources.key
        FROM documents JOIN sources ON sources.id = source_id
        WHERE entry.kind = 'document' AND entry.thing_id = documents.id""",
    "CREATE INDEX search_entries_language_idx ON search_entries (language)",
    "CREATE INDEX search_entries_published_at_idx ON search_entries (published_at) WHERE published_at IS NOT NULL",
    "CREATE INDEX search_entries_source_idx ON search_entries (source, published_at) WHERE source IS NOT NULL",
    """CREATE INDEX search_entries_place_idx ON search_entries (replace(lower(place), 'ё', 'е'))
        WHERE place IS NOT NULL""",
    "CREATE INDEX search_entries_category_idx ON search_entries (category, price) WHERE category IS NOT NULL",
    "CREATE INDEX search_entries_price_idx ON search_entries (price) WHERE price IS NOT NULL",
    # Suggestions: titles that begin with what is typed, else titles that hold it.
    """CREATE INDEX search_entries_title_idx
        ON search_entries (left(replace(lower(title), 'ё', 'е'), 100) text_pattern_ops) WHERE passage = 0""",
    """CREATE INDEX search_entries_title_trigrams_idx ON search_entries
        USING gin (replace(lower(title), 'ё', 'е') gin_trgm_ops) WITH (fastupdate = off)
        WHERE passage = 0""",
    """CREATE TABLE search_rebuilding (
        kind text NOT NULL CONSTRAINT search_rebuilding_pkey PRIMARY KEY,
        done_to bigint NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now()
    )""",
)
_DOWN = (
    "DROP TABLE search_rebuilding",
    """DROP INDEX search_entries_title_trigrams_idx, search_entries_title_idx, search_entries_language_idx,
        search_entries_published_at_idx""",
    """ALTER TABLE search_entries
        DROP COLUMN source, DROP COLUMN place, DROP COLUMN price, DROP COLUMN category""",
)
