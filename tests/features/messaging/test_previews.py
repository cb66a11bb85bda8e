"""What a group sees of an unfinished answer is one message, whoever dies over it, and gives way to what is said."""

from dataclasses import replace

from tests.features.messaging.conftest import OPTIONS, RETRYABLE, TERMINAL, Town

from kunak.features.messaging.schemas import (
    Delivery,
    Failure,
    HeldMessage,
    Limits,
    NotYet,
    PreviewLeave,
    Say,
    Turn,
    TurnResult,
)
from kunak.features.messaging.service import claim_preview, forget_preview, keep_preview
from kunak.features.messaging.service.ladder import one_step_down
from kunak.foundation.observability import metrics
from kunak.integrations.telegram.interface import TelegramRefusedError

GROUP = -7
PLAIN = Say("sendMessage", {"chat_id": GROUP, "text": "Done.", "reply_parameters": {"message_id": 1}})
RICH = Say("sendRichMessage", {"chat_id": GROUP, "rich_message": {"blocks": []}}, instead=PLAIN)


async def claim(town: Town, turn: Turn, limits: Limits = OPTIONS.limits) -> PreviewLeave | NotYet | None:
    await town.execute("UPDATE chats SET next_send_at = NULL")
    async with town.sessions.begin() as session:
        return await claim_preview(session, HeldMessage(turn.chat, turn.lease, turn.message_id), limits)


async def leave(town: Town, turn: Turn) -> PreviewLeave:
    given = await claim(town, turn)
    assert isinstance(given, PreviewLeave)
    return given


async def keep(town: Town, turn: Turn, message_id: int) -> bool:
    async with town.sessions.begin() as session:
        return await keep_preview(session, turn.message_id, message_id)


async def asked(town: Town) -> Turn:
    await town.receive(1, chat_id=GROUP)
    return await town.turn(GROUP)


async def said(town: Town) -> list[str]:
    return [method for (method,) in await town.fetch("SELECT method FROM outbox ORDER BY id")]


async def test_the_next_try_takes_it_over_and_the_answer_replaces_it_once(town: Town) -> None:
    turn = await asked(town)
    assert (await leave(town, turn)).message_id is None
    assert await keep(town, turn, 70)
    await town.ledger.finish_turn(TurnResult(turn, failure=Failure(RETRYABLE, "stopped", OPTIONS.retries.first_pause)))
    again = await town.turn(GROUP)
    assert await claim(town, turn) is None
    assert (await leave(town, again)).message_id == 70
    await town.ledger.finish_turn(TurnResult(again, (PLAIN, PLAIN)))
    assert await said(town) == ["editMessageText", "sendMessage"]
    assert not await keep(town, again, 71)
    assert await town.fetch("SELECT * FROM previews") == []


async def test_one_that_nobody_told_of_is_counted_and_never_followed_by_another(town: Town) -> None:
    turn = await asked(town)
    before = metrics.MAYBE_TWICE._value.get()  # noqa: SLF001  the library has no other way to read one
    await claim(town, turn)
    await town.let_leases_expire()
    again = await town.turn(GROUP)
    assert await claim(town, again) is None
    await town.ledger.finish_turn(TurnResult(again, (PLAIN,)))
    assert await said(town) == ["sendMessage"]
    assert metrics.MAYBE_TWICE._value.get() == before + 1  # noqa: SLF001  as above


async def test_one_that_was_refused_may_be_tried_again_and_nothing_is_left_where_nothing_is_said(town: Town) -> None:
    turn = await asked(town)
    await claim(town, turn)
    async with town.sessions.begin() as session:
        await forget_preview(session, turn.message_id)
    await claim(town, turn)
    await keep(town, turn, 70)
    await town.ledger.finish_turn(TurnResult(turn, failure=Failure(TERMINAL, "broken")))
    assert await town.fetch("SELECT method, params FROM outbox") == [
        ("deleteMessage", {"chat_id": GROUP, "message_id": 70})
    ]


async def test_it_gives_way_to_what_is_said_and_leaves_room_in_the_minute(town: Town) -> None:
    turn = await asked(town)
    limits = replace(OPTIONS.limits, per_group=4)
    for _ in range(3):
        assert isinstance(await claim(town, turn, limits), PreviewLeave)
        await keep(town, turn, 70)
    assert isinstance(await claim(town, turn, limits), NotYet)
    await town.say("An alert", chat_id=GROUP)
    assert isinstance(await claim(town, turn), NotYet)
    delivery = await town.ledger.claim_delivery(turn.chat)
    assert isinstance(delivery, Delivery)


async def test_a_final_edit_that_is_refused_is_made_plainer_or_said_as_a_message(town: Town) -> None:
    turn = await asked(town)
    await claim(town, turn)
    await keep(town, turn, 70)
    await town.ledger.finish_turn(TurnResult(turn, (RICH,)))
    delivery = await town.ledger.claim_delivery(turn.chat)
    assert isinstance(delivery, Delivery)
    plainer = one_step_down(delivery, TelegramRefusedError("Bad Request: rich messages are not supported"))
    assert plainer is not None
    assert (plainer.method, plainer.params["text"], plainer.instead) == ("editMessageText", "Done.", PLAIN)
    assert one_step_down(delivery, TelegramRefusedError("Bad Request: message to edit not found")) == RICH
    assert one_step_down(delivery, TelegramRefusedError("Forbidden: bot was kicked", code=403)) is None
