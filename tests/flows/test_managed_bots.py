"""A person makes a bot with ours in two taps: its token comes to us, and nobody ever sees it."""

import pytest

from kunak.features.bots import service as bots
from kunak.foundation.errors import ConflictError, InvalidInputError
from kunak.integrations.telegram.sandbox import managed_bots
from kunak.integrations.telegram.sandbox.state import Person, SandboxBot
from kunak.processes.commands.bots import make_manager, remove_bot, rotate_token
from tests.flows.conftest import House, OpenHouse
from tests.flows.test_telegram_faults import fetch, probe, until

ALICE = 700_001
BOTS = "SELECT username, state FROM bots ORDER BY id"
BOTH = [("friend_bot", "active"), ("neighbour_bot", "active")]


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    house = await open_house(sandbox_hosts="kunak.example", bot_makers=str(ALICE))
    await make_manager(house.kunak, "friend_bot", is_manager=True)
    house.kunak.directory.forget(house.bot.id)
    return house


def person(house: House, name: str, person_id: int | None = None) -> Person:
    return house.sandbox.create_person(name, language_code="ru", person_id=person_id)


async def make_neighbour(house: House) -> tuple[Person, SandboxBot]:
    """Alice asks for a bot, and names it."""
    alice = person(house, "Алиса", ALICE)
    chat = house.sandbox.private_chat(house.telegram_bot, alice)
    house.sandbox.write_to(house.telegram_bot, alice, "/newbot")
    offered = await house.sandbox.wait_for_call(house.telegram_bot, "sendMessage")
    assert "request_managed_bot" in offered.params["reply_markup"]["keyboard"][0][0]
    made = house.sandbox.create_managed_bot(chat, alice, "Сосед", "neighbour_bot")
    ready = await house.sandbox.wait_for_message(chat, containing="@neighbour_bot готов")
    assert ("`" not in ready["text"], ready["entities"][-1]["type"]) == (True, "code")
    return alice, made


async def greeted(house: House, bot: SandboxBot, alice: Person) -> None:
    asked = house.sandbox.write_to(bot, alice, "/start")["message_id"]
    await house.sandbox.wait_for_message(house.sandbox.private_chat(bot, alice), containing="Сосед", after=asked)


async def test_alice_makes_a_bot_in_two_taps_and_it_answers_once(house: House) -> None:
    alice, made = await make_neighbour(house)
    managed_bots.tell_manager(house.sandbox.world, made, alice.profile)
    await greeted(house, made, alice)
    assert await fetch(house, BOTS) == BOTH
    assert len([each for each in house.sandbox.sent_messages(house.telegram_bot) if "готов" in each["text"]]) == 1
    for kept in ("payload FROM inbox", "params FROM outbox", "data FROM events"):
        assert made.token not in str(await fetch(house, f"SELECT {kept}"))


async def test_the_token_is_changed_by_us_and_by_others(house: House) -> None:
    alice, made = await make_neighbour(house)
    first = made.token
    await rotate_token(house.kunak, "neighbour_bot")
    assert made.token != first
    await greeted(house, made, alice)
    managed_bots.replace_token(house.sandbox.world, made)  # and the worker that asked for it is killed
    managed_bots.tell_manager(house.sandbox.world, made, house.telegram_bot.as_sender)
    await greeted(house, made, alice)
    managed_bots.replace_token(house.sandbox.world, made)  # and Telegram's word of it got lost
    await mended_by_a_probe(house, made, alice)
    with pytest.raises(ConflictError, match="not managed"):
        await rotate_token(house.kunak, "friend_bot")


async def mended_by_a_probe(house: House, made: SandboxBot, alice: Person) -> None:
    async with house.kunak.sessions.begin() as session:
        await bots.resume_bot(session, (await bots.find_bot(session, "neighbour_bot")).id, actor="test")
    await until(house, BOTS, [BOTH[0], ("neighbour_bot", "paused")])
    await probe(house)
    await greeted(house, made, alice)


async def test_charlie_may_not_and_what_was_removed_stays_removed(house: House) -> None:
    alice, made = await make_neighbour(house)
    charlie = person(house, "Чарли")
    chat = house.sandbox.private_chat(house.telegram_bot, charlie)
    said = house.sandbox.write_to(house.telegram_bot, charlie, "/newbot")["message_id"]
    await house.sandbox.wait_for_message(chat, containing="только мои владельцы", after=said)
    made_by_charlie = house.sandbox.create_managed_bot(chat, charlie, "Вор", "thief_bot")
    await house.sandbox.wait_for_message(chat, containing="только мои владельцы", after=said + 2)
    await remove_bot(house.kunak, "neighbour_bot")
    managed_bots.tell_manager(house.sandbox.world, made, alice.profile)
    await until(house, "SELECT count(*) FROM inbox WHERE kind = 'managed_bot' AND state = 'COMPLETED'", [(3,)])
    assert await fetch(house, BOTS) == [("friend_bot", "active"), ("neighbour_bot", "removed")]
    assert not [each for each in house.sandbox.calls(made_by_charlie) if each.method == "getMe"]


async def test_a_bot_that_telegram_does_not_let_is_no_manager(house: House) -> None:
    house.telegram_bot.can_manage_bots = False
    with pytest.raises(InvalidInputError, match="BotFather"):
        await make_manager(house.kunak, "friend_bot", is_manager=True)
