"""What came in is written down once, however often and from wherever it comes."""

import asyncio
from dataclasses import replace

from tests.features.messaging.conftest import Town

from kunak.features.messaging.schemas import TurnResult
from kunak.features.messaging.service.receive import receive_updates


async def test_the_same_update_twice_in_one_batch_is_new_once(town: Town) -> None:
    async with town.sessions.begin() as session:
        assert await receive_updates(session, [town.update(5), town.update(5), town.update(6)]) == [True, False, True]
    assert await town.states() == [("RECEIVED", 0), ("RECEIVED", 0)]


async def test_the_same_update_in_a_later_batch_wakes_nobody(town: Town) -> None:
    assert await town.ledger.receive(town.update(5))
    waiting = await town.queued("AnswerChat")
    assert not await town.ledger.receive(town.update(5))
    assert await town.queued("AnswerChat") == waiting == 1


async def test_the_same_updates_from_two_processes_at_once_are_new_once(town: Town) -> None:
    ledgers = [town.with_options(), town.with_options()]
    given = [(ledger, update_id) for update_id in range(100) for ledger in ledgers]
    new = await asyncio.gather(*(ledger.receive(town.update(number, number % 7)) for ledger, number in given))
    assert sum(new) == len(await town.states()) == 100


async def test_one_batch_in_any_order_meets_another_without_a_deadlock(town: Town) -> None:
    async def bring(numbers: list[int]) -> int:
        async with town.sessions.begin() as session:
            return sum(await receive_updates(session, [town.update(number, number % 5) for number in numbers]))

    up, down = list(range(200)), list(reversed(range(200)))
    assert sum(await asyncio.gather(bring(up), bring(down), bring(up))) == 200


async def test_nul_characters_are_left_out(town: Town) -> None:
    update = town.update(5)
    update.payload["a\0b"] = "Али\0са \\u0000 \\\0"
    assert await town.ledger.receive(update)
    [(payload,)] = await town.fetch("SELECT payload FROM inbox")
    assert payload == {"update_id": 5, "ab": "Алиса \\u0000 \\"}


async def test_a_server_that_starts_anew_may_use_its_numbers_again(town: Town) -> None:
    await town.receive(5)
    turn = await town.turn()
    assert await town.ledger.finish_turn(TurnResult(turn))
    assert not await town.ledger.receive(town.update(5))
    other = replace(town.update(5), payload={"update_id": 5, "message": "another"})
    assert await town.ledger.receive(other)
    assert not await town.ledger.receive(other)
    assert (await town.turn()).payload == other.payload


async def test_a_number_whose_message_still_waits_is_not_given_away(town: Town) -> None:
    await town.receive(5)
    assert not await town.ledger.receive(replace(town.update(5), payload={"update_id": 5, "message": "another"}))
    assert (await town.turn()).payload == {"update_id": 5}
