"""What was given up can be begun anew, and is found in the ledger."""

import pytest
from tests.features.messaging.conftest import TERMINAL, Town

from kunak.features.messaging.schemas import Delivery, DeliveryResult, Failure, Say, TurnResult
from kunak.features.messaging.service import replay_message, replay_next, show_message
from kunak.foundation.errors import ConflictError, NotFoundError

NEVER = Failure(TERMINAL, "never")


async def give_up(town: Town, *update_ids: int) -> None:
    for update_id in update_ids:
        await town.receive(update_id)
        await town.ledger.finish_turn(TurnResult(await town.turn(), failure=NEVER))


async def test_one_message_is_begun_anew(town: Town) -> None:
    await give_up(town, 1, 2)
    async with town.sessions.begin() as session:
        await replay_message(session, "inbox", 1)
    assert await town.states() == [("RECEIVED", 0), ("TERMINAL", 1)]
    assert (await town.turn()).update_id == 1
    async with town.sessions() as session:
        page = await show_message(session, "inbox", 1)
    assert [step.state for step in page.transitions] == ["RECEIVED", "PROCESSING", "TERMINAL", "RECEIVED", "PROCESSING"]


async def test_all_are_begun_anew(town: Town) -> None:
    await give_up(town, 1, 2, 3)
    async with town.sessions.begin() as session:
        assert (await replay_next(session, "inbox", after=0, bot_id=town.bot.id))[0] == 3
    assert [(await town.turn()).update_id] == [1]


async def test_what_is_under_way_or_was_said_is_left_alone(town: Town) -> None:
    await town.receive(1)
    turn = await town.turn()
    async with town.sessions() as session:
        with pytest.raises(ConflictError, match="PROCESSING"):
            await replay_message(session, "inbox", turn.message_id)
    await town.ledger.finish_turn(TurnResult(turn, (Say("sendMessage", {"chat_id": 1, "text": "hello"}),)))
    delivery = await town.ledger.claim_delivery(town.chat())
    assert isinstance(delivery, Delivery)
    await town.ledger.finish_delivery(DeliveryResult(delivery))
    async with town.sessions() as session:
        with pytest.raises(ConflictError, match="DELIVERED"):
            await replay_message(session, "outbox", 1)
        with pytest.raises(NotFoundError):
            await replay_message(session, "inbox", 99)
        said = (await show_message(session, "inbox", turn.message_id)).said
    assert [page.line.state for page in said] == ["DELIVERED"]
