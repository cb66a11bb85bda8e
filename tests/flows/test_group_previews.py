"""A group sees an answer while it is written, as one message; whatever happens, it is one message in the end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from benchmarks.chaos_children import Children
from benchmarks.chaos_process import Orders

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Answers
from kunak.features.conversations.service import preview
from kunak.integrations.language_model.fake import FakeProvider, Manner
from kunak.integrations.telegram.sandbox import people
from kunak.integrations.telegram.sandbox.call_log import CallRecord
from kunak.integrations.telegram.sandbox.faults import FaultKind
from kunak.integrations.telegram.sandbox.state import Chat, Person
from tests.flows.conftest import House, OpenHouse
from tests.flows.test_telegram_faults import until

TASK = "@friend_bot Напиши сказку про перевал"
TALE = " ".join(f"Жил-был путник номер {number}, и шёл он **долго**." for number in range(40))
LAST = "Жил-был путник номер 39, и шёл он долго."


@dataclass(frozen=True)
class Yard:
    """A group of Alice, Bob and the bot."""

    house: House
    fake: FakeProvider
    alice: Person
    bob: Person
    group: Chat

    def ask(self, answer: str = TALE, *, thread: int | None = None) -> dict[str, Any]:
        self.fake.say(answer)
        return people.say(self.house.sandbox.world, self.group, self.alice, TASK, thread=thread)

    async def shown(self) -> dict[str, Any]:
        """The first piece."""
        return await self.house.sandbox.wait_for_message(self.group, containing="…")

    async def _edited(self, fits: Callable[[str], bool]) -> dict[str, Any]:
        sandbox, bot = self.house.sandbox, self.house.telegram_bot
        call = await sandbox.wait_for_call(bot, "editMessageText", where=lambda call: fits(_message(call)["text"]))
        return _message(call)

    async def grown(self) -> dict[str, Any]:
        return await self._edited(lambda text: text.endswith("…"))

    async def ended(self) -> dict[str, Any]:
        """The answer, in place of what was shown of it."""
        return await self._edited(lambda text: not text.endswith("…"))

    @property
    def said(self) -> list[dict[str, Any]]:
        """What stands in the group of the bot's."""
        return [each for each in self.group.messages.values() if each["from"]["id"] == self.house.telegram_bot.id]


def _message(call: CallRecord) -> dict[str, Any]:
    assert isinstance(call.result, dict)
    return call.result


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    """It stops twice on its way, until the test lets it go on."""
    async with FakeProvider(manner=Manner(pauses=2)) as fake:
        yield fake


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_ANSWER_TAKES_S", "_FIRST_PIECE_S", "_LEAST_PAUSE_S"):
        monkeypatch.setattr(preview, name, 0.1)


async def yard_in(house: House, fake: FakeProvider, *, is_forum: bool = False) -> Yard:
    alice = house.sandbox.create_person("Алиса", language_code="ru")
    bob = house.sandbox.create_person("Боб", language_code="ru")
    group = house.sandbox.create_group("Двор", [alice, bob], [house.telegram_bot], is_forum=is_forum)
    return Yard(house, fake, alice, bob, group)


@pytest.fixture
async def yard(open_house: OpenHouse, fake: FakeProvider, soon: None) -> Yard:
    house = await open_house(
        model_url=fake.url, model_name="fake-1", model_key="sk-1", telegram_rate_per_group=1000, burst_s=0.0
    )
    return await yard_in(house, fake)


async def test_the_answer_grows_in_one_message_of_its_topic_and_ends_with_its_buttons(yard: Yard) -> None:
    topic = 7
    yard.group.topics[topic] = {"message_thread_id": topic, "name": "Дорога"}
    asked = yard.ask(thread=topic)
    first = await yard.shown()
    assert first["text"].startswith("Жил-был путник номер 0")
    assert (first["message_thread_id"], first["reply_to_message"]["message_id"]) == (topic, asked["message_id"])
    yard.fake.go_on()
    await yard.grown()
    yard.fake.go_on()
    final = await yard.ended()
    assert final["message_id"] == first["message_id"]
    assert final["text"].endswith(LAST)
    assert "reply_markup" in final
    assert [each["text"] for each in yard.said] == [final["text"]]


async def test_a_rich_answer_is_rich_from_its_first_piece_on_and_in_the_end_also_where_that_was_refused(
    yard: Yard,
) -> None:
    sandbox, bot = yard.house.sandbox, yard.house.telegram_bot
    async with yard.house.kunak.sessions.begin() as session:
        await bots.set_answers(session, yard.house.bot.id, Answers.RICH, actor="alice")
    yard.ask(f"## Сказка\n\n- {TALE}")
    first = _message(await sandbox.wait_for_call(bot, "sendRichMessage"))
    yard.fake.go_on(2)
    ended = await sandbox.wait_for_call(bot, "editMessageText", where=lambda call: "reply_markup" in call.params)
    sandbox.break_next(FaultKind.BLOCKED, method="sendRichMessage", times=1)
    yard.ask(f"## Сказка\n\n- {TALE}")
    await sandbox.world.calls.wait_for(lambda call: call.error is not None, after=ended.number)
    yard.fake.go_on()
    plain = await yard.shown()
    assert plain["text"].startswith("Сказка\n\n• Жил-был")
    yard.fake.go_on()
    await sandbox.wait_for_call(
        bot, "editMessageText", where=lambda call: "reply_markup" in call.params, after=ended.number
    )
    assert [each["message_id"] for each in yard.said] == [first["message_id"], plain["message_id"]]
    assert all("reply_markup" in each and "rich_message" in each for each in yard.said)


async def test_only_who_asked_ends_the_answer(yard: Yard) -> None:
    yard.ask()
    first = await yard.shown()
    yard.house.sandbox.say(yard.group, yard.bob, "/stop")
    yard.fake.go_on()
    await yard.grown()
    yard.house.sandbox.say(yard.group, yard.alice, "/stop")
    final = await yard.ended()
    assert final["text"].endswith("Вы остановили меня здесь.")
    assert final["message_id"] == first["message_id"]
    assert len(yard.said) == 1


async def test_a_long_answer_goes_on_in_further_messages(yard: Yard) -> None:
    yard.ask(f"{TALE}\n\n" * 3 + "Конец.")
    await yard.shown()
    yard.fake.go_on(2)
    await yard.house.sandbox.wait_for_message(yard.group, containing="Конец.")
    assert ["reply_markup" in each for each in yard.said] == [False, True]
    assert sum(each["text"].count(LAST) for each in yard.said) == 3
    assert not any("…" in each["text"] for each in yard.said)


async def test_a_preview_that_somebody_deletes_is_said_anew(yard: Yard) -> None:
    yard.ask()
    first = await yard.shown()
    where = {"chat_id": yard.group.id, "message_id": first["message_id"]}
    await yard.house.sandbox.perform(yard.house.telegram_bot, "deleteMessage", where)
    yard.fake.go_on(2)
    said = await yard.house.sandbox.wait_for_message(yard.group, containing=LAST)
    assert [each["text"] for each in yard.said] == [said["text"]]


@pytest.mark.parametrize("method", ["editMessageText", "sendMessage"])
async def test_what_telegram_does_not_want_now_is_not_shown_and_the_answer_comes_all_the_same(
    yard: Yard, method: str
) -> None:
    yard.fake.manner = Manner(token_s=0.004)
    yard.house.sandbox.break_next(FaultKind.TOO_MANY_REQUESTS, method=method, times=1, retry_after=1)
    yard.ask()
    if method == "editMessageText":
        await yard.ended()
    else:
        await yard.house.sandbox.wait_for_message(yard.group, containing=LAST)
    assert [each["text"].endswith(LAST) for each in yard.said] == [True]


async def test_a_worker_that_is_killed_leaves_one_message_which_the_next_one_finishes(
    open_house: OpenHouse, fake: FakeProvider, database_url: str, tmp_path: Path
) -> None:
    yard = await yard_in(house := await open_house(worker=False), fake)
    base = house.kunak.directory.doors.sandbox_base
    assert base is not None
    workers = Children(Orders(database_url, str(tmp_path), base, 0, lease_s=10, per_bot=1000.0, model_url=fake.url))
    await workers.start("worker")
    try:
        yard.ask()
        first = await yard.shown()
        await until(house, "SELECT telegram_message_id IS NOT NULL FROM previews", [(True,)])
        await asyncio.gather(workers.kill("worker"), fake.until_somebody_hangs_up())
        await house.let_leases_expire()
        fake.manner = Manner()
        fake.say("Короткая сказка.")
        await workers.start("worker")
        final = await yard.ended()
    finally:
        await workers.end()
    assert final["message_id"] == first["message_id"]
    assert [each["text"] for each in yard.said] == ["Короткая сказка."]
