"""Alice asks, looks further, narrows, and goes on after a restart."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName
from kunak.features.search import service as search
from kunak.foundation.clock import now
from kunak.integrations.telegram.sandbox.state import Chat, Person
from tests.flows.conftest import House, OpenHouse

HERALD = SourceName(SourceKind.JSONL, "herald", "Вестник долины")
MOUNTAIN = SourceName(SourceKind.JSONL, "mountain", "Горный час")
DETAILS = (
    "рабочие укладывали асфальт у школы", "инженеры проверяли опоры и перила", "автобусы ездили через брод",
    "рыбаки нашли старую монету", "дети рисовали на ограждении", "власти спорили о цене гранита",
    "ветер сорвал рекламный щит",
)  # fmt: skip


async def tell_about_the_bridge(house: House) -> None:
    """Seven documents, all about the bridge: three of the last week, of two sources."""
    documents = [
        NewDocument(
            source=MOUNTAIN if number % 3 == 0 else HERALD,
            external_id=str(number),
            title=f"Заметка {number}",
            text=f"Мост через Баксан: {detail}.",
            url=f"https://t.me/valley/{number}",
            # Far enough apart that nobody takes them for one event.
            published_at=now() - timedelta(days=1 + 2.5 * number if number < 3 else 300 + 10 * number),
        )
        for number, detail in enumerate(DETAILS)
    ]
    async with house.kunak.sessions.begin() as session:
        await ingestion.store(session, documents)
        await search.refresh_lexicon(session)


class Reader:
    """A person who asks in private and presses what stands under the answer."""

    def __init__(self, house: House, person: Person, chat: Chat | None = None) -> None:
        self.house, self.person = house, person
        self.chat = chat or house.sandbox.private_chat(house.telegram_bot, person)
        self.message_id = 0

    async def ask(self, question: str) -> dict[str, Any]:
        self.house.sandbox.say(self.chat, self.person, question)
        message = await self.house.sandbox.wait_for_message(self.chat)
        self.message_id = message["message_id"]
        return message

    @property
    def message(self) -> dict[str, Any]:
        return self.chat.messages[self.message_id]

    @property
    def labels(self) -> list[list[str]]:
        rows = self.message.get("reply_markup", {}).get("inline_keyboard", [])
        return [[button["text"] for button in row] for row in rows]

    def data_of(self, label: str) -> str:
        rows = self.message["reply_markup"]["inline_keyboard"]
        return next(str(button["callback_data"]) for row in rows for button in row if label in button["text"])

    async def press(self, label: str) -> dict[str, Any]:
        """The message after the button did its work; its answer must be silent."""
        sandbox, log = self.house.sandbox, self.house.sandbox.world.calls
        before = log.last_number
        answer = await sandbox.press(self.chat, self.person, self.message_id, self.data_of(label))
        assert answer == {}
        await log.wait_for(lambda call: call.method.startswith("editMessage"), after=before)
        return self.message

    async def press_data(self, data: str) -> dict[str, Any]:
        """The answer to a press with data that no button bears; a client can be made to send it."""
        self.message["reply_markup"]["inline_keyboard"].append([{"text": "x", "callback_data": data}])
        return await self.house.sandbox.press(self.chat, self.person, self.message_id, data)


@pytest.fixture
async def alice(open_house: OpenHouse) -> Reader:
    house = await open_house()
    await tell_about_the_bridge(house)
    return Reader(house, house.sandbox.create_person("Алиса", language_code="ru"))


async def test_more_is_shown_until_there_is_none(alice: Reader) -> None:
    first = await alice.ask("мост через Баксан")
    assert alice.labels == [["✓ Всё", "Неделя"], ["Источник ▾", "Ещё ›"]]
    assert "5 · " in first["text"]
    second = await alice.press("Ещё")
    assert ("5 · " not in second["text"], "7 · " in second["text"]) == (True, True)
    assert alice.labels[1] == ["‹ Назад", "Источник ▾"]
    assert (await alice.press("Назад"))["text"] == first["text"]


async def test_a_period_and_a_source_narrow_the_same_message(alice: Reader) -> None:
    await alice.ask("мост через Баксан")
    week = await alice.press("Неделя")
    assert [f"t.me/valley/{n}" for n in range(7) if f"t.me/valley/{n}'" in str(week["entities"])] == [
        "t.me/valley/0", "t.me/valley/1", "t.me/valley/2",
    ]  # fmt: skip
    assert alice.labels == [["Всё", "✓ Неделя"], ["Источник ▾"]]
    await alice.press("Источник")
    assert alice.labels == [["✓ Все источники"], ["Вестник долины"], ["Горный час"], ["‹ Назад"]]
    narrowed = await alice.press("Горный час")
    assert str(narrowed["entities"]).count("t.me/valley") == 1
    assert alice.labels[1] == ["✓ Горный час ▾"]
    assert len(alice.chat.messages) == 2


async def test_it_goes_on_after_a_restart(alice: Reader) -> None:
    await alice.ask("мост через Баксан")
    await alice.press("Неделя")
    await alice.house.restart()
    assert "5 · " in (await alice.press("Всё"))["text"]
    await alice.house.restart()
    assert "7 · " in (await alice.press("Ещё"))["text"]


async def test_a_double_press_changes_nothing_and_each_is_answered(alice: Reader) -> None:
    await alice.ask("мост через Баксан")
    data = alice.data_of("Ещё")
    presses = (alice.house.sandbox.press(alice.chat, alice.person, alice.message_id, data) for _ in range(2))
    assert await asyncio.gather(*presses) == [{}, {}]
    await alice.press("Назад")
    assert await fetch(alice.house, "SELECT error_text FROM outbox WHERE state IN ('FAILED', 'TERMINAL')") == []
    assert len(alice.chat.messages) == 2


async def fetch(house: House, query: str) -> list[Any]:
    async with house.kunak.sessions() as session:
        return list(await session.scalars(text(query)))


async def test_a_forgotten_search_is_asked_anew(alice: Reader) -> None:
    await alice.ask("мост через Баксан")
    async with alice.house.kunak.sessions.begin() as session:
        await session.execute(text("DELETE FROM conversation_searches"))
    answer = await alice.house.sandbox.press(alice.chat, alice.person, alice.message_id, alice.data_of("Ещё"))
    assert answer == {"text": "Это было давно. Спросите, пожалуйста, ещё раз."}


@pytest.mark.parametrize("data", ["", "s:", "s:1:z:0:5", "s:99999999999999999999:a:0:5", "x" * 64, "s:1:a:0:5:p:p"])
async def test_garbage_is_answered_and_changes_nothing(alice: Reader, data: str) -> None:
    before = await alice.ask("мост через Баксан")
    assert await alice.press_data(data or "\0") == {}
    assert alice.message["text"] == before["text"]


async def test_a_search_of_another_chat_is_refused(alice: Reader) -> None:
    await alice.ask("мост через Баксан")
    charlie = Reader(alice.house, alice.house.sandbox.create_person("Charlie", language_code="en"))
    await charlie.ask("мост через Баксан")
    answer = await charlie.press_data(alice.data_of("Ещё"))
    assert answer == {"text": "This was long ago. Please ask again."}


async def test_in_a_group_others_may_turn_the_page(alice: Reader) -> None:
    sandbox, bob = alice.house.sandbox, alice.house.sandbox.create_person("Bob", language_code="en")
    group = sandbox.create_group("Долина", [alice.person, bob], [alice.house.telegram_bot])
    asking = Reader(alice.house, alice.person, group)
    await asking.ask("@friend_bot мост через Баксан")
    assert "reply_to_message" in asking.message
    asking.person = bob
    assert "7 · " in (await asking.press("Ещё"))["text"]
