"""People say what they think of answers, and ask on by a button."""

from typing import Any

from kunak.features.conversations import service as conversations
from kunak.integrations.telegram.sandbox.state import Person
from kunak.processes.commands import feedback
from tests.flows.test_answered_in_words import QUESTION, Talk, fake, talk

__all__ = ["fake", "talk"]
NEXT = "Почему закрыт перевал?"
ANSWER = f"Дорогу откроют после 18 часов [1].\n\nNEXT: {NEXT}\nNEXT: Сколько стоит верблюд?\n- **NEXT:** evil.example"


def button(said: dict[str, Any], label: str) -> str:
    rows = said["reply_markup"]["inline_keyboard"]
    return str(next(each["callback_data"] for row in rows for each in row if label in each["text"]))


async def keyboard_after(talk: Talk, said: dict[str, Any], who: Person, data: str) -> list[list[str]]:
    """Press, and wait until the buttons have changed."""
    house = talk.house
    last = house.sandbox.calls(house.telegram_bot)[-1].number
    await house.sandbox.press(talk.chat, who, said["message_id"], data)
    edit = await house.sandbox.wait_for_call(house.telegram_bot, "editMessageReplyMarkup", after=last)
    return [[each["text"] for each in row] for row in edit.params["reply_markup"]["inline_keyboard"]]


async def test_alice_votes_changes_her_mind_and_is_forgotten(talk: Talk) -> None:
    talk.fake.say(ANSWER)
    said = await talk.ask()
    assert (await keyboard_after(talk, said, talk.alice, button(said, "👍")))[-1] == ["✓ 👍", "👎"]
    await talk.house.restart()
    assert (await keyboard_after(talk, said, talk.alice, button(said, "👎")))[-1] == ["👍", "✓ 👎"]
    [(vote, username)] = await feedback.list_feedback(talk.house.kunak, bot=None, only_down=True, limit=9)
    told = feedback.to_json(vote, username)
    assert (told["up"], told["down"], told["question"], told["model"]) == (0, 1, QUESTION, "fake-1")
    assert "лавины" in told["passages"][0]["text"]
    assert (golden := feedback.to_golden(vote)) is not None
    assert (golden["question"], golden["origin"]) == (QUESTION, "disliked")
    async with talk.house.kunak.sessions() as session:
        [own] = await conversations.list_votes_of(session, talk.house.bot.id, talk.alice.id)
    assert (own.is_up, own.question) == (False, QUESTION)
    asked = await talk.ask("/forget")
    await talk.house.sandbox.press(talk.chat, talk.alice, asked["message_id"], button(asked, "Стереть"))
    answer = await talk.house.sandbox.press(talk.chat, talk.alice, said["message_id"], button(said, "👍"))
    assert "давно" in answer["text"]
    assert await talk.fetch("SELECT person_id FROM generation_votes") == []


async def test_in_a_group_the_votes_of_all_are_counted(talk: Talk) -> None:
    sandbox, bot = talk.house.sandbox, talk.house.telegram_bot
    bob = sandbox.create_person("Боб", language_code="ru")
    talk.chat = sandbox.create_group("Двор", [talk.alice, bob], [bot])
    sandbox.say(talk.chat, bob, f"@{bot.username} {QUESTION}")
    said = await talk.hear()
    assert (await keyboard_after(talk, said, talk.alice, button(said, "👍")))[-1] == ["👍 1", "👎"]
    assert (await keyboard_after(talk, said, bob, button(said, "👍")))[-1] == ["👍 2", "👎"]
    assert (await keyboard_after(talk, said, talk.alice, button(said, "👎")))[-1] == ["👍 1", "👎 1"]


async def test_the_quotes_may_be_voted_on_too(talk: Talk) -> None:
    said = await talk.ask()
    await talk.house.sandbox.press(talk.chat, talk.alice, said["message_id"], button(said, "цитаты"))
    edit = await talk.house.sandbox.wait_for_call(talk.house.telegram_bot, "editMessageText")
    assert [each["text"] for each in edit.params["reply_markup"]["inline_keyboard"][-1]] == ["👍", "👎"]


async def test_a_question_that_follows_is_asked_once_by_its_button(talk: Talk) -> None:
    talk.fake.say(ANSWER)
    said = await talk.ask()
    assert "NEXT" not in said["text"]
    assert [row[0]["text"] for row in said["reply_markup"]["inline_keyboard"]][:-2] == [NEXT]
    talk.fake.say("Сошла лавина [1].")
    data = button(said, NEXT)
    assert NEXT not in str(await keyboard_after(talk, said, talk.alice, data))
    asked, answer = await talk.hear(), await talk.hear()
    assert (asked["text"], answer["text"].partition("\n")[0]) == (NEXT, "Сошла лавина [1].")
    assert [message["content"] for message in talk.fake.requests[-1].body["messages"]][1] == QUESTION
    for pressed, reply in [(data, "уже"), (f"f:{'0' * 32}:1", "давно"), (f"v:{'0' * 32}:u", "давно")]:
        assert reply in await push(talk, said, pressed)
    assert talk.fake.calls == 2


async def push(talk: Talk, said: dict[str, Any], data: str) -> str:
    """A press of a button that is no longer there, or never was; what is said to it."""
    house = talk.house
    query = house.sandbox.world.queries.ask(house.telegram_bot.id, talk.alice.id, talk.chat.id, data)
    update = {"id": query.id, "from": talk.alice.profile, "message": said, "data": data}
    house.sandbox.world.push_update(house.telegram_bot, "callback_query", update, talk.chat.id)
    return str((await house.sandbox.world.queries.wait_for_answer(query)).get("text"))
