"""What a copy of the vectors has heard of since, and which one serves, changes what is found too."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)


# By rows, and not for every update: a copy's lease is renewed all the time, and there is mostly nothing to tell it.
_UP = (
    """CREATE TRIGGER vector_changes_told AFTER DELETE ON vector_changes
       FOR EACH ROW EXECUTE FUNCTION search_has_changed()""",
    """CREATE TRIGGER vector_copies_changed AFTER INSERT OR DELETE ON vector_copies
       FOR EACH ROW EXECUTE FUNCTION search_has_changed()""",
    """CREATE TRIGGER vector_copies_state_changed AFTER UPDATE OF state ON vector_copies
       FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION search_has_changed()""",
)
_DOWN = (
    "DROP TRIGGER vector_copies_state_changed ON vector_copies",
    "DROP TRIGGER vector_copies_changed ON vector_copies",
    "DROP TRIGGER vector_changes_told ON vector_changes",
)
