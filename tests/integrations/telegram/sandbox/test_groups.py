"""Groups: privacy mode, members, administrators, topics."""

import pytest
from aiogram.types import Update
from tests.integrations.telegram.sandbox.conftest import Town

from kunak.integrations.telegram.sandbox import groups
from kunak.integrations.telegram.sandbox.state import Chat


@pytest.fixture
def hall(town: Town) -> Chat:
    return town.sandbox.create_group("Town hall", [town.alice, town.bob], [town.bot], is_forum=True)


def texts(updates: list[Update]) -> list[str | None]:
    return [update.message.text for update in updates if update.message and update.message.text]


async def test_a_bot_hears_that_it_was_added(town: Town, hall: Chat) -> None:
    added, service = await town.client.get_updates()
    assert added.my_chat_member
    assert added.my_chat_member.new_chat_member.status == "member"
    assert service.message
    assert service.message.new_chat_members


async def test_privacy_mode_shows_what_concerns_the_bot(town: Town, hall: Chat) -> None:
    for text in ("just talk", "/ask something", "/ask@other_bot x", "/ask@town_bot y", "hey @town_bot"):
        town.sandbox.say(hall, town.alice, text)
    assert texts(await town.client.get_updates()) == ["/ask something", "/ask@town_bot y", "hey @town_bot"]


async def test_an_answer_to_the_bot_and_everything_for_an_administrator(town: Town, hall: Chat) -> None:
    sent = await town.client.send_message(hall.id, "question")
    town.sandbox.say(hall, town.bob, "answer", reply_to=sent.message_id)
    groups.add_member(town.sandbox.world, hall, town.bot, is_admin=True)
    town.sandbox.say(hall, town.bob, "talk")
    assert texts(await town.client.get_updates()) == ["answer", "talk"]


async def test_a_person_of_the_group_who_never_wrote_in_private(town: Town, hall: Chat) -> None:
    refused = await town.refused("sendMessage", chat_id=town.bob.id, text="hi")
    assert refused == (403, "Forbidden: bot can't initiate conversation with a user")


async def test_a_bot_that_was_removed_is_kept_out(town: Town, hall: Chat) -> None:
    groups.remove_member(town.sandbox.world, hall, town.bot)
    refused = await town.refused("sendMessage", chat_id=hall.id, text="hi")
    assert refused == (403, "Forbidden: bot was kicked from the supergroup chat")
    *_, update = await town.client.get_updates()
    assert update.my_chat_member
    assert update.my_chat_member.new_chat_member.status == "kicked"


async def test_members_and_administrators(town: Town, hall: Chat) -> None:
    assert (await town.client.get_chat_member(hall.id, town.alice.id)).status == "creator"
    assert (await town.client.get_chat_member(hall.id, town.bob.id)).status == "member"
    assert [member.user.id for member in await town.client.get_chat_administrators(hall.id)] == [town.alice.id]
    assert await town.client.get_chat_member_count(hall.id) == 3


async def test_a_topic_takes_messages_and_an_unknown_one_does_not(town: Town, hall: Chat) -> None:
    groups.add_member(town.sandbox.world, hall, town.bot, is_admin=True)
    topic = await town.client.create_forum_topic(hall.id, "Flats")
    sent = await town.client.send_message(hall.id, "first", message_thread_id=topic.message_thread_id)
    assert sent.is_topic_message
    refused = await town.refused("sendMessage", chat_id=hall.id, text="x", message_thread_id=1)
    assert refused == (400, "Bad Request: message thread not found")


async def test_reactions_come_to_those_who_asked_for_them(town: Town) -> None:
    first = town.sandbox.write_to(town.bot, town.alice, "hello")["message_id"]
    await town.client.get_updates(allowed_updates=["message_reaction"])
    from_people = {"user_id": town.alice.id, "emoji": "👍"}
    path = f"{town.url}/api/bots/{town.bot.id}/chats/{town.alice.id}/messages/{first}/reaction"
    assert (await town.http.post(path, json=from_people)).status_code == 200
    *_, update = await town.client.get_updates()
    assert update.message_reaction
    assert update.message_reaction.new_reaction[0].type == "emoji"
