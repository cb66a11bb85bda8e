"""What ends an answer is heeded when it arrives, and only by the answer that it means."""

from typing import Any

from tests.features.messaging.conftest import Town

from kunak.features.messaging.schemas import STOP_KIND, NewUpdate, draft_id_of


async def receive(town: Town, update_id: int, kind: str, content: dict[str, Any]) -> None:
    payload = {"update_id": update_id, kind: content}
    await town.ledger.receive(NewUpdate(town.bot.id, update_id, 1, kind, payload, ordered=True))


async def stopped(town: Town) -> list[int]:
    return [number for (number,) in await town.fetch("SELECT update_id FROM inbox WHERE stop_asked ORDER BY id")]


async def test_the_button_ends_the_answer_of_its_draft_and_takes_no_turn(town: Town) -> None:
    await town.receive(1, 2)
    turn = await town.turn()
    await receive(town, 3, STOP_KIND, {"draft_id": draft_id_of(turn.message_id) + 7})
    assert await stopped(town) == []
    await receive(town, 4, STOP_KIND, {"draft_id": draft_id_of(turn.message_id)})
    assert await stopped(town) == [1]
    assert [state for state, _ in await town.states()] == ["PROCESSING", "RECEIVED", "COMPLETED", "COMPLETED"]


async def test_the_command_ends_all_before_it_unless_it_is_for_another_bot(town: Town) -> None:
    await town.receive(1, 2)
    await receive(town, 3, "message", {"text": "/stop@another_bot"})
    await receive(town, 4, "message", {"text": "/stopping"})
    assert await stopped(town) == []
    await receive(town, 5, "message", {"text": f"/stop@{town.bot.username.upper()}"})
    await town.receive(6)
    assert await stopped(town) == [1, 2, 3, 4]
    assert (await town.turn()).stop_asked
