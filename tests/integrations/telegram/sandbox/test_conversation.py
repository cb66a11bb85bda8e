"""A person and a bot talk, through aiogram's own client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from aiogram import Dispatcher
from aiogram.types import Message
from tests.integrations.telegram.sandbox.conftest import Town

from kunak.integrations.telegram.sandbox import people


@asynccontextmanager
async def polling(town: Town, dispatcher: Dispatcher) -> AsyncIterator[None]:
    task = asyncio.create_task(
        dispatcher.start_polling(town.client, handle_signals=False, close_bot_session=False, polling_timeout=5)
    )
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await task


async def test_a_bot_knows_who_it_is(town: Town) -> None:
    me = await town.client.get_me()
    assert (me.id, me.username, me.is_bot) == (town.bot.id, "town_bot", True)


async def test_alice_writes_and_the_polling_bot_echoes(town: Town) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(f"you said {message.text}")

    async with polling(town, dispatcher):
        town.sandbox.write_to(town.bot, town.alice, "hello")
        answer = await town.sandbox.wait_for_message(town.chat)
    assert answer["text"] == "you said hello"
    assert [message["text"] for message in town.chat.messages.values()] == ["hello", "you said hello"]
    assert town.sandbox.sent_messages(town.bot) == [answer]


async def test_a_confirmed_update_does_not_come_again(town: Town) -> None:
    town.sandbox.write_to(town.bot, town.alice, "one")
    town.sandbox.write_to(town.bot, town.alice, "two")
    first, second = await town.client.get_updates()
    assert second.update_id == first.update_id + 1
    assert [u.update_id for u in await town.client.get_updates(offset=second.update_id)] == [second.update_id]
    assert await town.client.get_updates(offset=second.update_id + 1) == []


async def test_some_updates_come_only_to_those_who_name_them(town: Town) -> None:
    first = town.sandbox.write_to(town.bot, town.alice, "hello")["message_id"]
    react = partial(people.react, town.sandbox.world, town.chat, town.alice, first)
    react("👍")
    assert [update.event_type for update in await town.client.get_updates(offset=-1)] == ["message"]
    await town.client.get_updates(allowed_updates=["message_reaction"])
    react("🔥")
    town.sandbox.write_to(town.bot, town.alice, "not wanted now")
    assert [update.event_type for update in await town.client.get_updates(offset=-1)] == ["message_reaction"]


async def test_a_negative_offset_takes_the_last_updates(town: Town) -> None:
    for text in ("one", "two", "three"):
        town.sandbox.write_to(town.bot, town.alice, text)
    assert [u.message.text for u in await town.client.get_updates(offset=-1) if u.message] == ["three"]
    assert len(await town.client.get_updates()) == 1
