"""Inline mode: what a bot hears, what Telegram refuses, and who may choose."""

import asyncio
from typing import Any

import pytest
from tests.integrations.telegram.sandbox.conftest import Town

from kunak.integrations.telegram.sandbox.refusals import JsonObject, Refusal
from kunak.integrations.telegram.sandbox.sandbox import Sandbox


def article(number: int = 1, **more: Any) -> JsonObject:
    content = {"message_text": f"Text {number}"}
    return {"type": "article", "id": str(number), "title": f"Title {number}", "input_message_content": content} | more


class Inline:
    """Alice and Bob in a group with a bot that has to answer by hand."""

    def __init__(self) -> None:
        self.sandbox = Sandbox()
        self.bot = self.sandbox.create_bot("town_bot", "Town")
        self.alice, self.bob = (self.sandbox.create_person(name) for name in ("Alice", "Bob"))
        self.group = self.sandbox.create_group("Town hall", [self.alice, self.bob], [self.bot])

    async def type(self, text: str, *results: JsonObject, **answer: Any) -> tuple[str, JsonObject]:
        asking = asyncio.create_task(self.sandbox.type_inline(self.bot, self.group, self.alice, text))
        await asyncio.sleep(0)
        query = self.updates("inline_query")[-1]
        given = {"inline_query_id": query["id"], "results": list(results)}
        try:
            await self.sandbox.perform(self.bot, "answerInlineQuery", given | answer)
        except Refusal:
            asking.cancel()
            raise
        return await asking

    def updates(self, kind: str) -> list[JsonObject]:
        return [update[kind] for update in self.sandbox.world.queue(self.bot).pending.values() if kind in update]


async def test_a_query_tells_where_it_was_typed() -> None:
    inline = Inline()
    query_id, answer = await inline.type("flats", article(), next_offset="5")
    [query] = inline.updates("inline_query")
    assert (query["id"], query["query"], query["offset"], query["chat_type"]) == (query_id, "flats", "", "supergroup")
    assert answer["next_offset"] == "5"


async def test_the_chosen_result_is_said_through_the_bot() -> None:
    inline = Inline()
    query_id, _ = await inline.type("flats", article(1), article(2))
    message = inline.sandbox.choose_inline(inline.group, inline.alice, query_id, "2")
    assert (message["text"], message["from"]["id"]) == ("Text 2", inline.alice.id)
    assert [each["via_bot"]["id"] for each in inline.updates("message") if "via_bot" in each] == [inline.bot.id]
    [chosen] = inline.updates("chosen_inline_result")
    assert (chosen["result_id"], chosen["query"]) == ("2", "flats")


async def test_results_are_for_who_asked() -> None:
    inline = Inline()
    query_id, _ = await inline.type("flats", article())
    for person, query, result in [(inline.bob, query_id, "1"), (inline.alice, "0", "1"), (inline.alice, query_id, "9")]:
        with pytest.raises(Refusal):
            inline.sandbox.choose_inline(inline.group, person, query, result)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"results": [article(number) for number in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article(id="x" * 65)]}, "RESULT_ID_INVALID"),
        ({"results": [article()], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [article(input_message_content={"message_text": " "})]}, "message text is empty"),
        ({"results": [article(input_message_content={"message_text": "x" * 4097})]}, "message is too long"),
    ],
)
async def test_what_telegram_refuses(answer: JsonObject, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        await Inline().type("flats", **answer)


async def test_a_bot_without_inline_mode_is_not_asked(town: Town) -> None:
    api = f"{town.url}/api"
    made = {"username": "mute_bot", "name": "Mute", "supports_inline_queries": False}
    bot = (await town.http.post(f"{api}/bots", json=made)).json()
    assert bot["supports_inline_queries"] is False
    chat = f"{api}/bots/{bot['id']}/chats/{town.alice.id}"
    await town.http.post(f"{chat}/open", json={})
    assert (await town.http.post(f"{chat}/inline", json={"query": "flats"})).status_code == 400
    long = {"query": "x" * 257, "inline_bot_id": town.bot.id}
    assert (await town.http.post(f"{chat}/inline", json=long)).status_code == 400
