"""A person's page sees all of their chats at once, and nobody else's."""

import asyncio
from typing import Any

import httpx
import orjson
from tests.integrations.telegram.sandbox.conftest import Town


async def list_chats(town: Town, person_id: int) -> dict[str, Any]:
    answer: dict[str, Any] = (await town.http.get(f"{town.url}/api/users/{person_id}/chats")).json()
    return answer


async def next_event(response: httpx.Response) -> tuple[str, dict[str, Any]]:
    kind = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            return kind, orjson.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


async def test_every_bot_and_every_group_of_the_person_is_listed(town: Town) -> None:
    body = {"title": "Neighbours", "user_ids": [town.alice.id], "bot_ids": [town.bot.id]}
    await town.http.post(f"{town.url}/api/groups", json=body)
    town.sandbox.write_to(town.bot, town.alice, "hello")

    alices = (await list_chats(town, town.alice.id))["chats"]
    bobs = (await list_chats(town, town.bob.id))["chats"]

    assert [chat["type"] for chat in alices] == ["private", "supergroup"]
    assert alices[0]["last_message"]["text"] == "hello"
    assert [chat["type"] for chat in bobs] == ["private"]


async def test_one_stream_tells_of_ones_own_chats_only(town: Town) -> None:
    address = f"{town.url}/api/users/{town.alice.id}/events"
    async with asyncio.timeout(60), town.http.stream("GET", address, params={"after": 0}) as response:
        town.sandbox.write_to(town.bot, town.bob, "from Bob")
        town.sandbox.write_to(town.bot, town.alice, "from Alice")

        kind, event = await next_event(response)

    assert (kind, event["chat_id"], event["data"]["message"]["text"]) == ("message", town.alice.id, "from Alice")


async def test_a_reply_button_may_be_plain_text(town: Town) -> None:
    town.sandbox.write_to(town.bot, town.alice, "hello")
    markup = {"keyboard": [["Yes", {"text": "No"}]]}

    await town.call("sendMessage", chat_id=town.alice.id, text="Sure?", reply_markup=markup)

    assert town.chat.reply_keyboard == {"keyboard": [[{"text": "Yes"}, {"text": "No"}]]}
