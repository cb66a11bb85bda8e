"""The person's side over HTTP: what the chat page does, and who may not do it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.web_app import safe_parse_webapp_init_data
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.integrations.telegram.sandbox.conftest import Town, serve
from tests.integrations.telegram.sandbox.test_files import PNG

from kunak.integrations.telegram.sandbox.sandbox import Sandbox


def path(town: Town, rest: str = "") -> str:
    return f"{town.url}/api/bots/{town.bot.id}/chats/{town.alice.id}{rest}"


async def ask(town: Town, rest: str, **body: object) -> Any:
    response = await town.http.post(path(town, rest), json=body)
    assert response.status_code == httpx.codes.OK, response.text
    return response.json()


@pytest.fixture
async def opened(town: Town) -> Town:
    await ask(town, "/open")
    return town


async def events(town: Town, count: int, **query: int) -> list[tuple[int, str, Any]]:
    """The first events of the stream: id, kind, data."""
    found: list[tuple[int, str, Any]] = []
    async with town.http.stream("GET", path(town, "/events"), params=query) as response:
        fields: dict[str, str] = {}
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            fields[name] = value
            if not line and "event" in fields:
                found.append((int(fields.get("id", 0)), fields["event"], orjson.loads(fields["data"])))
                fields = {}
            if len(found) == count:
                break
    return found


async def test_from_nothing_to_a_talk(town: Town) -> None:
    api = f"{town.url}/api"
    person = (await town.http.post(f"{api}/users", json={"first_name": "Carol", "language_code": "en"})).json()
    bot = (await town.http.post(f"{api}/bots", json={"username": "carols_bot", "name": "Hers"})).json()
    chat = f"{api}/bots/{bot['id']}/chats/{person['id']}"
    await town.http.post(f"{chat}/open", json={})
    await town.http.post(f"{chat}/messages", json={"text": "/start now"})
    updates = (await town.http.get(f"{town.url}/bot{bot['token']}/getUpdates")).json()["result"]
    assert updates[0]["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert updates[0]["message"]["from"]["language_code"] == "en"


async def test_a_chat_that_is_only_opened_does_not_let_the_bot_write(opened: Town) -> None:
    assert await opened.refused("sendMessage", chat_id=opened.alice.id, text="hi") == (
        400,
        "Bad Request: chat not found",
    )
    await ask(opened, "/messages", text="hello")
    await opened.done("sendMessage", chat_id=opened.alice.id, text="hi")
    shown = (await opened.http.get(path(opened))).json()
    assert [message["text"] for message in shown["messages"]] == ["hello", "hi"]
    page = (await opened.http.get(path(opened, "/messages"), params={"limit": 1})).json()
    assert [message["text"] for message in page["messages"]] == ["hi"]


async def test_a_text_is_edited_and_answered(opened: Town) -> None:
    first = await ask(opened, "/messages", text="helo")
    edit = await opened.http.patch(path(opened, f"/messages/{first['message_id']}"), json={"text": "hello"})
    assert edit.json()["edit_date"]
    reply = await ask(opened, "/messages", text="and?", reply_to_message_id=first["message_id"])
    assert reply["reply_to_message"]["text"] == "hello"
    kinds = [
        next(iter(update.model_dump(exclude_none=True).keys() - {"update_id"}))
        for update in await opened.client.get_updates()
    ]
    assert kinds == ["message", "edited_message", "message"]


async def test_a_photo_is_uploaded_and_shown(opened: Town) -> None:
    files = {"file": ("town.png", PNG, "image/png")}
    response = await opened.http.post(path(opened, "/uploads"), data={"kind": "photo", "caption": "#town"}, files=files)
    photo = response.json()["photo"][0]
    shown = await opened.http.get(f"{opened.url}/api/files/{photo['file_id']}")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    update = (await opened.client.get_updates())[0]
    assert update.message
    assert update.message.caption == "#town"


async def test_an_uploaded_page_is_never_shown_as_a_page(opened: Town) -> None:
    files = {"file": ("x.html", b"<script>alert(1)</script>", "text/html")}
    response = await opened.http.post(path(opened, "/uploads"), data={"kind": "document"}, files=files)
    file_id = response.json()["document"]["file_id"]
    shown = await opened.http.get(f"{opened.url}/api/files/{file_id}")
    assert shown.headers["content-type"] == "application/octet-stream"
    assert shown.headers["content-disposition"] == "attachment"


async def test_a_button_is_pressed_and_its_answer_comes_back(opened: Town) -> None:
    await ask(opened, "/messages", text="hello")
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go")]])
    sent = await opened.client.send_message(opened.alice.id, "Go?", reply_markup=keyboard)
    pressing = asyncio.create_task(ask(opened, f"/messages/{sent.message_id}/press", data="go"))
    update = (await opened.client.get_updates(offset=-1))[0]
    while update.callback_query is None:
        update = (await opened.client.get_updates(offset=update.update_id + 1, timeout=50))[0]
    await opened.client.answer_callback_query(update.callback_query.id, text="Gone")
    assert await pressing == {"answer": {"text": "Gone"}}


async def test_events_are_streamed_and_resumed(opened: Town) -> None:
    start = (await opened.http.get(path(opened))).json()["last_event_id"]
    await ask(opened, "/messages", text="hello")
    await opened.client.send_chat_action(opened.alice.id, "typing")
    await opened.client.send_message_draft(opened.alice.id, 3, text="I thi")
    await opened.client.send_message(opened.alice.id, "I think so")
    streamed = await events(opened, 4, after=start)
    assert [kind for _, kind, _ in streamed] == ["message", "chat_action", "draft", "message"]
    resumed = await events(opened, 1, after=streamed[2][0])
    assert resumed[0][2]["message"]["text"] == "I think so"


async def test_events_that_were_forgotten_ask_for_a_new_start(town: Town) -> None:
    await ask(town, "/open")
    for number in range(10_001):
        town.sandbox.world.events.add("chat_action", town.bot.id, town.alice.id, {"number": number})
    assert (await events(town, 1, after=1))[0][1] == "reset"


async def test_a_mini_app_opens_with_a_signature_that_holds(opened: Town) -> None:
    answer = await ask(opened, "/mini-app", url="https://kunak.test/app", start_param="flat-7")
    fragment = parse_qs(urlsplit(answer["url"]).fragment)
    assert set(fragment) == {"tgWebAppData", "tgWebAppVersion", "tgWebAppPlatform", "tgWebAppThemeParams"}
    data = safe_parse_webapp_init_data(opened.bot.token, fragment["tgWebAppData"][0])
    assert data.user
    assert (data.user.id, data.user.first_name, data.start_param) == (opened.alice.id, "Alice", "flat-7")


async def test_an_inline_query_is_answered_and_a_result_chosen(opened: Town) -> None:
    asking = asyncio.create_task(ask(opened, "/inline", query="flats"))
    update = (await opened.client.get_updates(timeout=50))[0]
    assert update.inline_query
    text = {"message_text": "A flat by the park", "entities": [{"type": "bold", "offset": 2, "length": 4}]}
    result = {"type": "article", "id": "1", "title": "Flat", "input_message_content": text}
    await opened.done("answerInlineQuery", inline_query_id=update.inline_query.id, results=[result])
    told = await asking
    assert [each["title"] for each in told["answer"]["results"]] == ["Flat"]
    sent = await ask(opened, "/inline/choose", query_id=told["query_id"], result_id="1")
    assert (sent["text"], sent["via_bot"]["id"]) == ("A flat by the park", opened.bot.id)
    assert sent["entities"] == text["entities"]
    *_, chosen = await opened.client.get_updates(offset=update.update_id + 1)
    assert chosen.chosen_inline_result
    assert (chosen.chosen_inline_result.result_id, chosen.chosen_inline_result.query) == ("1", "flats")


async def test_more_that_a_person_sends(opened: Town) -> None:
    await ask(opened, "/contact", phone_number="+995 555 123")
    await ask(opened, "/location", latitude=41.7, longitude=44.8)
    await ask(opened, "/web-app-data", data="{}", button_text="Board")
    await ask(opened, "/rich", rich_message={"markdown": "# News\n\n**bold**"})
    kinds = [update.message.content_type for update in await opened.client.get_updates() if update.message]
    assert kinds == ["contact", "location", "web_app_data", "rich_message"]


@pytest.mark.parametrize(
    ("rest", "body", "status"),
    [
        ("/messages", {"text": " "}, 400),
        ("/messages", {"text": "\0"}, 400),
        ("/messages", {"text": 5}, 400),
        ("/messages", {}, 400),
        ("/messages", {"text": "x", "reply_to_message_id": 1}, 404),
        ("/messages/1/press", {"data": "x"}, 404),
        ("/drafts/1/stop", {}, 404),
        ("/messages", {"text": "x", "user_id": 1}, 404),
        ("/mini-app", {"url": "javascript:alert(1)"}, 400),
        ("/topics", {"name": "x"}, 400),
        ("/messages", {"text": "x" * 40_001}, 400),
    ],
)
async def test_what_cannot_be_done_says_why(opened: Town, rest: str, body: dict[str, object], status: int) -> None:
    response = await opened.http.post(path(opened, rest), json=body)
    assert response.status_code == status
    assert response.json()["error"]
    assert not opened.chat.messages


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("users", {"first_name": " "}),
        ("users", {"first_name": "A", "id": -5}),
        ("users", {"first_name": "A\0"}),
        ("users", {"first_name": "A", "username": "<script>"}),
        ("users", {"first_name": "A", "language_code": "../../etc"}),
        ("bots", {"username": "town_bot", "name": "Again"}),
        ("bots", {"username": "town", "name": "No bot"}),
        ("groups", {"title": "Empty", "user_ids": []}),
    ],
)
async def test_what_cannot_be_made_says_why(town: Town, place: str, body: dict[str, object]) -> None:
    response = await town.http.post(f"{town.url}/api/{place}", json=body)
    assert response.status_code == httpx.codes.BAD_REQUEST
    assert response.json()["error"]


async def test_a_stranger_does_not_write_into_a_private_chat(opened: Town) -> None:
    response = await opened.http.post(path(opened, "/messages"), json={"text": "hi", "user_id": opened.bob.id})
    assert response.status_code == httpx.codes.FORBIDDEN


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
    ],
)
async def test_a_foreign_page_cannot_act(opened: Town, headers: dict[str, str]) -> None:
    given = {"content-type": "application/json"} | headers
    response = await opened.http.post(path(opened, "/messages"), content=b'{"text": "hi"}', headers=given)
    assert response.status_code == httpx.codes.FORBIDDEN
    assert not opened.chat.messages


async def test_our_own_page_acts(opened: Town) -> None:
    headers = {"origin": opened.url, "sec-fetch-site": "same-origin"}
    response = await opened.http.post(path(opened, "/messages"), json={"text": "hi"}, headers=headers)
    assert response.status_code == httpx.codes.OK


async def test_a_foreign_name_for_this_machine_is_refused(town: Town) -> None:
    for address in ("/api/users", f"/bot{town.bot.token}/getMe"):
        response = await town.http.get(f"{town.url}{address}", headers={"host": "evil.example"})
        assert response.status_code == httpx.codes.MISDIRECTED_REQUEST


@pytest.fixture
async def mounted() -> AsyncIterator[tuple[Sandbox, str]]:
    sandbox = Sandbox(bots=[("42:SANDBOX" + "a" * 28, "old_bot", "Old")])
    async with serve(Starlette(routes=[Mount("/sandbox", sandbox.app)])) as url:
        yield sandbox, f"{url}/sandbox"
    await sandbox.close()


async def test_under_a_prefix_and_with_the_bots_of_yesterday(mounted: tuple[Sandbox, str]) -> None:
    sandbox, url = mounted
    bot = sandbox.state.bots[42]
    async with httpx.AsyncClient(timeout=60) as http:
        assert (await http.get(f"{url}/bot{bot.token}/getMe")).json()["result"]["username"] == "old_bot"
        assert (await http.get(f"{url}/api/bots/42/token")).json()["token"] == bot.token


async def test_a_public_sandbox_keeps_tokens_and_faults_to_itself() -> None:
    sandbox = Sandbox(is_public=True, allowed_hosts=["127.0.0.1"])
    bot = sandbox.create_bot("town_bot", "Town")
    async with serve(sandbox.app) as url, httpx.AsyncClient(timeout=60) as http:
        assert bot.token not in (await http.get(f"{url}/api/bots")).text
        for hidden in (f"/api/bots/{bot.id}/token", f"/api/bots/{bot.id}/calls", "/api/faults"):
            assert (await http.get(f"{url}{hidden}")).status_code == httpx.codes.NOT_FOUND


async def test_closing_ends_polls_and_streams_that_wait(opened: Town) -> None:
    async with opened.http.stream("GET", path(opened, "/events")) as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": follow"
        await opened.sandbox.close()
        assert [line async for line in lines] == [""]


async def test_the_owner_sees_what_was_called(town: Town) -> None:
    await town.call("getMe")
    await town.call("sendMessage", chat_id=1, text="hi")
    calls = (await town.http.get(f"{town.url}/api/bots/{town.bot.id}/calls")).json()["calls"]
    assert [(call["method"], call["error"]) for call in calls] == [
        ("getMe", None),
        ("sendMessage", "Bad Request: chat not found"),
    ]
