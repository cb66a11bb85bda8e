"""`kunak feedback …` and `kunak bot sources …` from the outside."""

import json
from pathlib import Path

import pytest
from tests.features.messaging.conftest import Town, town
from tests.processes.conftest import Command

__all__ = ["town"]
ANSWERS = """
WITH prompt AS (INSERT INTO prompt_versions (bot_id, number, text) VALUES (NULL, 1, 'Be kind.') RETURNING id),
made AS (
    INSERT INTO generations (bot_id, chat_id, inbox_id, mode, outcome, question, history, passages, prompt_version_id,
                             rules, text, provider, model, seconds)
    SELECT bots.id, 5, number, 'grounded', 'said', 'Когда откроют дорогу?', '[["user", "Привет"]]',
           '[{"number": 1, "reference": "road", "title": "Перевал", "text": "Дорогу откроют вечером."}]', prompt.id,
           'r', 'Вечером [1].', 'fake', 'fake-1', 1.5
    FROM bots, prompt, generate_series(1, 3) AS number RETURNING id
)
INSERT INTO generation_votes (generation_id, person_id, is_up)
SELECT id, 5, id = (SELECT min(id) FROM made) FROM made WHERE id < (SELECT max(id) FROM made)
"""


async def test_alice_reads_what_people_think_and_measures_with_it(command: Command, town: Town, tmp_path: Path) -> None:
    await town.execute(ANSWERS)
    [disliked] = json.loads((await command("feedback", "list", "--down", "--bot", "friend_bot", "--json"))[1])
    assert (disliked["down"], disliked["passages"][0]["text"]) == (1, "Дорогу откроют вечером.")
    _, shown = await command("feedback", "show", str(disliked["id"]))
    assert "fake-1 at fake, shipped prompt 1" in shown
    _, exported = await command("feedback", "export")
    (tmp_path / "golden.jsonl").write_text(exported)
    origins = [(each["origin"], each.get("references")) for each in map(json.loads, exported.splitlines())]
    assert sorted(origins) == [("disliked", None), ("hand", ["road"])]
    assert (await command("eval", "questions", "import", str(tmp_path / "golden.jsonl")))[0] == 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["none"], "@friend_bot quotes no source: it only talks.\n"),
        (["all", "none"], "Error: Say all, or none, or name the sources; nothing was changed.\n"),
    ],
)
async def test_alice_chooses_what_a_bot_may_quote(command: Command, town: Town, given: list[str], says: str) -> None:
    assert (await command("bot", "sources", "friend_bot", *given))[1] == says
