"""An answer is seen while it is written, and ends when Alice has seen enough; whatever happens, it is said once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from benchmarks.chaos_children import Children
from benchmarks.chaos_process import Orders

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Answers
from kunak.integrations.language_model.fake import FakeProvider, Fault, Manner
from kunak.integrations.telegram.sandbox import people
from kunak.integrations.telegram.sandbox.call_log import CallRecord
from kunak.integrations.telegram.sandbox.faults import FaultKind
from tests.flows.conftest import House, OpenHouse
from tests.flows.test_answered_in_words import QUESTION, Talk, talk_in

TASK = "Напиши сказку про перевал"
TALE = " ".join(f"Жил-был путник номер {number}, и шёл он **долго**." for number in range(60))


@pytest.fixture
async def fake() -> AsyncIterator[FakeProvider]:
    """It stops twice on its way, until the test lets it go on: however slow the machine, there is something to see."""
    async with FakeProvider(manner=Manner(pauses=2)) as fake:
        yield fake


@pytest.fixture
async def talk(open_house: OpenHouse, fake: FakeProvider) -> Talk:
    house = await open_house(model_url=fake.url, model_name="fake-1", model_key="sk-1")
    return await talk_in(house, fake)


async def draft_of(talk: Talk, after: int = 0) -> CallRecord:
    bot = talk.house.telegram_bot
    return await talk.house.sandbox.wait_for_call(bot, "sendMessageDraft", after=after)


def ask(talk: Talk, question: str) -> None:
    talk.house.sandbox.write_to(talk.house.telegram_bot, talk.alice, question)


def texts(house: House) -> list[str]:
    return [each["text"] for each in house.sandbox.sent_messages(house.telegram_bot)]


async def test_the_button_ends_the_answer_where_it_is(talk: Talk, fake: FakeProvider) -> None:
    fake.say(TALE)
    ask(talk, TASK)
    first = await draft_of(talk)
    assert "Жил-был" in first.params["text"]
    fake.go_on()
    grown = await draft_of(talk, after=first.number)
    assert grown.params["text"].startswith(first.params["text"].rstrip(".,")[:40])
    assert grown.params["draft_id"] == first.params["draft_id"]
    people.stop_draft(talk.house.sandbox.world, talk.chat, first.params["draft_id"])
    said = await talk.hear()
    await fake.until_somebody_hangs_up()
    assert said["text"].startswith("Жил-был путник номер 0, и шёл он долго.")
    assert said["text"].endswith("Вы остановили меня здесь.")
    assert texts(talk.house) == [said["text"]]
    [[outcome, remembered]] = await talk.fetch(
        "SELECT outcome, m.text FROM generations g JOIN thread_messages m USING (inbox_id) WHERE role = 'assistant'"
    )
    assert (outcome, remembered) == ("stopped", said["text"])
    assert await talk.fetch("SELECT is_estimated, held_until, tokens_out > 10 FROM spendings") == [(True, None, True)]


async def test_the_command_ends_it_too_and_is_answered_only_where_nothing_was_to_be_ended(
    talk: Talk, fake: FakeProvider
) -> None:
    fake.say(TALE)
    ask(talk, TASK)
    await draft_of(talk)
    ask(talk, "/stop")
    assert (await talk.hear())["text"].endswith("Вы остановили меня здесь.")
    assert (await talk.ask("/help"))["text"].startswith("Напишите")
    assert (await talk.ask("/stop"))["text"] == "Сейчас я ничего не пишу."
    assert len(texts(talk.house)) == 3


async def test_what_was_stopped_before_its_source_was_named_says_so(talk: Talk, fake: FakeProvider) -> None:
    fake.say("Дорогу откроют после восемнадцати часов, " + "если снег прекратится, " * 300 + "[1].")
    ask(talk, QUESTION)
    first = await draft_of(talk)
    people.stop_draft(talk.house.sandbox.world, talk.chat, first.params["draft_id"])
    said = await talk.hear()
    assert said["text"].startswith("Дорогу откроют")
    assert said["text"].endswith("Вы остановили меня здесь, ещё до того, как был назван источник.")


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.SILENT_END])
async def test_an_answer_that_breaks_off_after_a_draft_gives_way_to_the_quotes(
    talk: Talk, fake: FakeProvider, fault: Fault
) -> None:
    fake.fail(fault)
    fake.say("Дорогу откроют [1]. " * 200)
    ask(talk, QUESTION)
    await draft_of(talk)
    fake.go_on()
    said = await talk.hear()
    assert "Вот что нашлось" in said["text"]
    assert texts(talk.house) == [said["text"]]


async def test_a_draft_that_telegram_refuses_or_delays_costs_nothing(talk: Talk, fake: FakeProvider) -> None:
    for kind in (FaultKind.TOO_MANY_REQUESTS, FaultKind.BLOCKED):
        fake.go_on(2)
        talk.house.sandbox.break_next(kind, method="sendMessageDraft", times=1, retry_after=1)
        fake.say("Конец. " * 150)
        assert (await talk.ask(TASK))["text"].startswith("Конец.")


async def test_a_rich_answer_is_rich_while_it_is_written_unless_telegram_will_not_have_it(
    talk: Talk, fake: FakeProvider
) -> None:
    async with talk.house.kunak.sessions.begin() as session:
        await bots.set_answers(session, talk.house.bot.id, Answers.RICH, actor="alice")
    fake.say(*[f"## Сказка\n\n- {TALE}"] * 3)
    rich = await stop_at_first(talk, "sendRichMessageDraft")
    talk.house.sandbox.break_next(FaultKind.BLOCKED, method="sendRichMessageDraft", times=1)
    plain = [await stop_at_first(talk, "sendMessageDraft") for _ in range(2)]
    assert "<h2><b>Сказка</b></h2>" in rich.params["rich_message"]["html"]
    assert all(each.params["text"].startswith("Сказка\n\n• Жил-был") for each in plain)
    tried = talk.house.sandbox.calls(talk.house.telegram_bot, "sendRichMessageDraft")
    assert [each.number for each in tried if each.number > plain[0].number] == []
    said = [talk.chat.messages[number]["rich_message"]["blocks"] for number in sorted(talk.chat.messages)[1::2]]
    assert [[block["type"] for block in each] for each in said] == [["heading", "list", "paragraph"]] * 3


async def stop_at_first(talk: Talk, method: str) -> CallRecord:
    """The first draft of an answer, which is then stopped."""
    log = talk.house.sandbox.world.calls.last_number
    ask(talk, TASK)
    draft = await talk.house.sandbox.wait_for_call(talk.house.telegram_bot, method, after=log)
    people.stop_draft(talk.house.sandbox.world, talk.chat, draft.params["draft_id"])
    await talk.hear()
    return draft


async def test_a_word_that_is_not_for_people_is_not_shown_while_it_is_written(talk: Talk, fake: FakeProvider) -> None:
    fake.manner = Manner(token_s=0.005)
    fake.say("NOT_FOUND" + " " * 5 + " ".join(["NOT_FOUND"] * 200))
    said = await talk.ask(QUESTION)
    assert "NOT_FOUND" not in said["text"]
    fake.say(lambda asked: asked.everything[:3000])
    said = await talk.ask(QUESTION)
    shown = [str(each.params["text"]) for each in talk.house.sandbox.calls(talk.house.telegram_bot, "sendMessageDraft")]
    assert not any("NOT_FOUND" in each or "Answer in the language of" in each for each in shown)


async def test_an_answer_that_is_stopped_while_its_worker_dies_is_not_begun_anew(
    open_house: OpenHouse, fake: FakeProvider, database_url: str, tmp_path: Path
) -> None:
    talk = await talk_in(house := await open_house(worker=False), fake)
    base = house.kunak.directory.doors.sandbox_base
    assert base is not None
    workers = Children(Orders(database_url, str(tmp_path), base, 0, lease_s=10, per_bot=1000.0, model_url=fake.url))
    await workers.start("worker")
    try:
        fake.say(TALE)
        ask(talk, TASK)
        draft = await draft_of(talk)
        async with workers.frozen("worker"):
            people.stop_draft(house.sandbox.world, talk.chat, draft.params["draft_id"])
            async with asyncio.timeout(200):
                while not await talk.fetch("SELECT id FROM inbox WHERE stop_asked"):  # noqa: ASYNC110  tells nobody else
                    await asyncio.sleep(0.05)
            await workers.kill("worker")
        await house.let_leases_expire()
        await workers.start("worker")
        said = await talk.house.sandbox.wait_for_message(talk.chat)
    finally:
        await workers.end()
    assert said["text"] == "Вы остановили меня, прежде чем я успел что-то написать."
    assert fake.calls == 1
    assert texts(house) == [said["text"]]
    assert await talk.fetch("SELECT role FROM thread_messages ORDER BY id") == [("user",), ("assistant",)]
