"""Progress on standard error: a bar where a person looks on, else a line for each stage."""

from collections.abc import Iterator
from contextlib import contextmanager

from kunak.features.quality.schemas import Report


@contextmanager
def report_on_terminal() -> Iterator[Report]:
    from rich.console import Console  # noqa: PLC0415  other commands need no terminal art
    from rich.progress import Progress, TaskID  # noqa: PLC0415  as above

    console = Console(stderr=True, highlight=False)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        stages: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int | None) -> None:
            if stage not in stages:
                stages[stage] = progress.add_task(stage, total=total)
                if not console.is_terminal:
                    console.print(f"{stage}…", markup=False)
            progress.update(stages[stage], completed=done, total=total)

        yield report
