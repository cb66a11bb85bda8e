"""Processes and the database are killed in the middle of things, answers being written among them; nobody notices."""

from pathlib import Path

import pytest
from benchmarks.chaos import Plan, run_chaos

from kunak.features.bots.schemas import UpdatesBy

pytestmark = pytest.mark.timeout(600)  # as long as no answer takes too long, all of them may


@pytest.mark.parametrize("delivery", list(UpdatesBy))
async def test_nothing_is_lost_when_everything_is_killed(open_folder: Path, delivery: UpdatesBy) -> None:
    folder = open_folder / f"chaos-{delivery}"
    folder.mkdir(mode=0o711)
    model = delivery is UpdatesBy.POLLING
    plan = Plan(updates=150, chats=40, kills=3, seed=7, delivery=delivery, lease_s=6.0, per_bot=1000.0, model=model)
    outcome = await run_chaos(plan, folder)
    assert (outcome.answered, outcome.lost, outcome.out_of_order) == (150, 0, 0)
    assert outcome.duplicates <= outcome.in_flight_at_kills
    assert outcome.model_asked >= 150 * model
    assert outcome.duplicates + outcome.after_lost_answers <= outcome.counted
