"""What is compared of documents, which are copies of others, which tell the same event; and who else told an entry."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)


_UP = (
    # Whoever removes a document finds others for those that followed it, in the same transaction: hence deferred.
    """CREATE TABLE document_traits (
        document_id bigint NOT NULL CONSTRAINT document_traits_pkey PRIMARY KEY
            CONSTRAINT document_traits_document_id_fkey REFERENCES documents (id) ON DELETE CASCADE,
        told_at timestamptz,
        tie bigint NOT NULL,
        simhash bigint NOT NULL,
        bands integer[] NOT NULL,
        marks bigint[] NOT NULL,
        copy_of bigint CONSTRAINT document_traits_copy_of_fkey REFERENCES documents (id)
            DEFERRABLE INITIALLY DEFERRED,
        story_of bigint CONSTRAINT document_traits_story_of_fkey REFERENCES documents (id)
            DEFERRABLE INITIALLY DEFERRED
    )""",
    "CREATE INDEX document_traits_bands_idx ON document_traits USING gin (bands) WITH (fastupdate = off)",
    """CREATE INDEX document_traits_marks_idx ON document_traits USING gin (marks) WITH (fastupdate = off)
        WHERE copy_of IS NULL""",
    "CREATE INDEX document_traits_copy_of_idx ON document_traits (copy_of) WHERE copy_of IS NOT NULL",
    "CREATE INDEX document_traits_story_of_idx ON document_traits (story_of) WHERE story_of IS NOT NULL",
    """CREATE TABLE search_tellings (
        kind text NOT NULL,
        thing_id bigint NOT NULL,
        reference text NOT NULL,
        source text NOT NULL,
        title text NOT NULL,
        url text,
        published_at timestamptz,
        CONSTRAINT search_tellings_pkey PRIMARY KEY (kind, thing_id, source, reference)
    )""",
    "CREATE INDEX search_tellings_source_idx ON search_tellings (source)",
    """CREATE TRIGGER search_tellings_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON search_tellings
        FOR EACH STATEMENT EXECUTE FUNCTION search_has_changed()""",
)
# Copies stand in search for themselves again only after `kunak search reindex`; nothing of them is lost.
_DOWN = (
    "DROP TABLE search_tellings",
    "UPDATE search_entries SET story_id = NULL WHERE kind = 'document' AND story_id IS NOT NULL",
    "DROP TABLE document_traits",
)
