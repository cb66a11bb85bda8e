"""What Telegram refuses, the sandbox refuses, in the same words."""

import asyncio

import pytest
from aiogram.exceptions import TelegramConflictError
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from tests.integrations.telegram.sandbox.conftest import Town

from kunak.integrations.telegram.sandbox import people
from kunak.integrations.telegram.sandbox.queries import ANSWER_WITHIN_S

GO = InlineKeyboardButton(text="Go", callback_data="go")
LATE = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture
def met(town: Town) -> Town:
    """Alice has written to the bot."""
    town.sandbox.write_to(town.bot, town.alice, "hello")
    return town


async def test_a_token_of_nobody(town: Town) -> None:
    response = await town.http.get(f"{town.url}/bot123456:{'A' * 35}/getMe")
    assert response.status_code == 401
    assert response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_a_token_that_is_none(town: Town) -> None:
    response = await town.http.get(f"{town.url}/botnonsense/getMe")
    assert response.json() == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_an_unknown_method(town: Town) -> None:
    assert await town.refused("sendMoney") == (404, "Not Found: method not found")


@pytest.mark.parametrize("text", ["", "  \n ", "<b> </b>", "\0"])
async def test_an_empty_text(met: Town, text: str) -> None:
    refused = await met.refused("sendMessage", chat_id=met.alice.id, text=text, parse_mode="HTML")
    assert refused == (400, "Bad Request: message text is empty")


@pytest.mark.parametrize("method", ["setChatMenuButton", "sendMessage"])
async def test_a_mini_app_is_https_or_on_this_machine(met: Town, method: str) -> None:
    def opening(url: str) -> dict[str, object]:
        button = {"text": "Board", "web_app": {"url": url}}
        return {
            "chat_id": met.alice.id,
            "text": "look",
            "menu_button": {"type": "web_app", **button},
            "reply_markup": {"inline_keyboard": [[button]]},
        }

    code, why = await met.refused(method, **opening("http://kunak.test/app"))
    assert (code, why.rpartition(": ")[2]) == (400, "Only HTTPS links are allowed")
    for url in ("https://kunak.test/app", "http://127.0.0.1:3000/app"):
        await met.done(method, **opening(url))


async def test_a_missing_text_and_a_missing_chat(met: Town) -> None:
    assert await met.refused("sendMessage", chat_id=met.alice.id) == (400, "Bad Request: message text is empty")
    assert await met.refused("sendMessage", text="hi") == (400, "Bad Request: chat_id is empty")


async def test_a_text_is_measured_after_its_markup_is_read(met: Town) -> None:
    fits, too_long = f"<b>{'я' * 4096}</b>", "я" * 4097
    await met.done("sendMessage", chat_id=met.alice.id, text=fits, parse_mode="HTML")
    refused = await met.refused("sendMessage", chat_id=met.alice.id, text=too_long)
    assert refused == (400, "Bad Request: message is too long")


async def test_an_edit_that_changes_nothing(met: Town) -> None:
    sent = await met.client.send_message(met.alice.id, "hi")
    _, sentence = await met.refused("editMessageText", chat_id=met.alice.id, message_id=sent.message_id, text="hi")
    assert sentence == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
        "as a current content and reply markup of the message"
    )


async def test_an_edit_of_what_is_not_there_or_not_ours(met: Town) -> None:
    first = next(iter(met.chat.messages))
    chat = {"chat_id": met.alice.id, "text": "new"}
    assert await met.refused("editMessageText", message_id=1, **chat) == (400, "Bad Request: message to edit not found")
    refused = await met.refused("editMessageText", message_id=first, **chat)
    assert refused == (400, "Bad Request: message can't be edited")


async def test_deleting_and_answering_what_is_not_there(met: Town) -> None:
    refused = await met.refused("deleteMessage", chat_id=met.alice.id, message_id=1)
    assert refused == (400, "Bad Request: message to delete not found")
    reply = {"message_id": 1}
    refused = await met.refused("sendMessage", chat_id=met.alice.id, text="x", reply_parameters=reply)
    assert refused == (400, "Bad Request: message to be replied not found")


async def test_callback_data_over_64_bytes(met: Town) -> None:
    def keyboard(data: str) -> dict[str, object]:
        return {"inline_keyboard": [[{"text": "Go", "callback_data": data}]]}

    await met.done("sendMessage", chat_id=met.alice.id, text="x", reply_markup=keyboard("я" * 32))
    refused = await met.refused("sendMessage", chat_id=met.alice.id, text="x", reply_markup=keyboard("я" * 33))
    assert refused == (400, "Bad Request: BUTTON_DATA_INVALID")


async def test_a_wrong_parameter_is_named_without_the_insides_of_the_checker(met: Town) -> None:
    keyboard = {"inline_keyboard": [[{"callback_data": "x"}]]}
    _, sentence = await met.refused("sendMessage", chat_id=met.alice.id, text="x", reply_markup=keyboard)
    assert sentence == 'Bad Request: field "reply_markup.inline_keyboard.0.0.text" is required'
    _, sentence = await met.refused("editMessageText", chat_id=met.alice.id, text="x", message_id="soon")
    assert sentence == 'Bad Request: field "message_id" has a wrong value'


@pytest.mark.parametrize("url", ["http://[", "javascript:alert(1)", "nowhere"])
async def test_a_button_that_leads_nowhere(met: Town, url: str) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", "url": url}]]}
    _, sentence = await met.refused("sendMessage", chat_id=met.alice.id, text="x", reply_markup=keyboard)
    assert sentence.startswith(f"Bad Request: inline keyboard button URL '{url}' is invalid: ")


async def test_a_person_who_never_wrote(town: Town) -> None:
    town.sandbox.private_chat(town.bot, town.alice)
    assert await town.refused("sendMessage", chat_id=town.alice.id, text="hi") == (400, "Bad Request: chat not found")


async def test_a_person_who_blocked_the_bot_until_they_come_back(met: Town) -> None:
    people.block(met.sandbox.world, met.chat, met.alice)
    refused = await met.refused("sendMessage", chat_id=met.alice.id, text="hi")
    assert refused == (403, "Forbidden: bot was blocked by the user")
    met.sandbox.write_to(met.bot, met.alice, "sorry")
    await met.done("sendMessage", chat_id=met.alice.id, text="hi")
    changes = [u.my_chat_member.new_chat_member.status for u in await met.client.get_updates() if u.my_chat_member]
    assert changes == ["kicked", "member"]


async def test_a_second_poll_ends_the_first(town: Town) -> None:
    polls = [asyncio.create_task(town.client.get_updates(timeout=50)) for _ in range(2)]
    (ended,), (waiting,) = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
    town.sandbox.write_to(town.bot, town.alice, "hello")
    assert len(await waiting) == 1
    with pytest.raises(TelegramConflictError) as conflict:
        await ended
    assert conflict.value.message == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )


async def test_a_query_is_answered_once_and_in_time(met: Town) -> None:
    sent = await met.client.send_message(met.alice.id, "Go?", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[GO]]))
    world = met.sandbox.world
    query = people.press(world, met.chat, met.alice, sent.message_id, "go")
    await met.done("answerCallbackQuery", callback_query_id=query.id, text="Going")
    assert query.answer.result() == {"text": "Going"}
    assert await met.refused("answerCallbackQuery", callback_query_id=query.id) == (400, LATE)
    late = people.press(world, met.chat, met.alice, sent.message_id, "go")
    late.asked_at -= ANSWER_WITHIN_S + 1
    assert await met.refused("answerCallbackQuery", callback_query_id=late.id) == (400, LATE)
