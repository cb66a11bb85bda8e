"""Rankings that somebody else measured are kept like runs of our own."""

from collections.abc import Sequence
from typing import Any

from kunak.features.quality.repository import runs
from kunak.features.quality.schemas import Conditions, Outcome, Result, RunKind
from kunak.features.quality.service.runs import begun_run, finish_run
from kunak.foundation.db.engine import Sessions


async def keep_rankings(
    sessions: Sessions,
    results: Sequence[Result],
    figures: dict[str, Any],
    *,
    of: str,
    label: str,
    conditions: Conditions,
    forced_by: str | None = None,
) -> Outcome:
    """Keep what was measured as a run. `of`: the folder and split it was measured on.

    Raises:
        InvalidInputError: the label is too long.
    """
    keys = [each.key for each in results]
    begun = begun_run(sessions, RunKind.RETRIEVAL, of=of, label=label, conditions=conditions, keys=keys)
    async with begun as run_id, sessions.begin() as session:
        await runs.add_results(session, run_id, results)
        return await finish_run(session, run_id, figures, forced_by=forced_by)
