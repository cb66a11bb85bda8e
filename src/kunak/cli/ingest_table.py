"""How reading goes, as a table that changes while one looks on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from kunak.features.ingestion.schemas import Reading, Source

Report = Callable[["Source", "Reading"], None]


@contextmanager
def show_ingesting(*, quiet: bool) -> Iterator[Report]:
    """Gives what is told of each step. On no terminal, or when `quiet`, nothing is shown."""
    console = Console(stderr=True, highlight=False)
    rows: dict[int, tuple[str, Reading]] = {}
    if quiet or not console.is_terminal:
        yield lambda _source, _reading: None
        return
    with Live(_table(rows), console=console, refresh_per_second=4, transient=True) as live:

        def report(source: "Source", reading: "Reading") -> None:
            rows[source.id] = (source.title, reading)
            live.update(_table(rows))

        yield report


def _table(rows: "dict[int, tuple[str, Reading]]") -> Table:
    table = Table("Source", "Seen", "New", "Changed", "Removed", title="Reading", box=None)
    for title, reading in rows.values():
        stored = reading.stored
        counts = (reading.fetched, stored.added, stored.changed, reading.removed)
        table.add_row(escape(title), *map(str, counts))
    return table
