"""What was said is remembered once, whatever happens to the worker that says it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.features.messaging.conftest import Town

from kunak.features.conversations.schemas import GenerationMode, ThreadMessage
from kunak.features.conversations.service import Conversation, Library
from kunak.features.conversations.service.generate import Asked, shortened
from kunak.features.conversations.service.memory import trim
from kunak.features.messaging.schemas import NewUpdate, Turn, TurnResult
from kunak.features.search.schemas import Citation, Hit
from kunak.foundation.db.engine import create_reading_sessions
from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.connect import connect
from kunak.integrations.language_model.fake import FakeProvider, Fault
from kunak.integrations.language_model.providers import Provider, Providers

EXCHANGES = "SELECT t.topic, m.role, m.text FROM thread_messages m JOIN threads t ON t.id = thread_id ORDER BY m.id"


@pytest.fixture
async def conversation(town: Town, fake: FakeProvider, engine: AsyncEngine) -> AsyncIterator[Conversation]:
    access = ProviderAccess("fake", fake.url, "fake-1", ModelProtocol.CHAT)
    client = connect(access)
    providers = Providers([Provider(access, client)])
    yield Conversation(Library(town.sessions, create_reading_sessions(engine), model=providers), town.directory)
    await client.close()


async def write(town: Town, update_id: int, text: str, topic: int | None = None) -> Turn:
    """Alice writes in private, and a worker takes the turn."""
    message: dict[str, Any] = {"message_id": update_id, "chat": {"id": 1, "type": "private"}, "text": text}
    message |= {"from": {"id": 1, "language_code": "en"}}
    message |= {"message_thread_id": topic, "is_topic_message": True} if topic else {}
    await town.ledger.receive(NewUpdate(town.bot.id, update_id, 1, "message", {"message": message}, ordered=True))
    return await town.turn()


async def finish(town: Town, conversation: Conversation, turn: Turn) -> bool:
    reply = await conversation.respond(turn)
    return await town.ledger.finish_turn(TurnResult(turn, tuple(reply.says), keep=reply.keep)) is True


async def test_a_worker_that_died_before_it_said_its_answer_leaves_nothing(
    town: Town, conversation: Conversation, fake: FakeProvider
) -> None:
    fake.say("The first.", "The second.")
    lost = await write(town, 1, "Write a poem about the pass")
    reply = await conversation.respond(lost)  # and there it was killed
    await town.let_leases_expire()
    assert await finish(town, conversation, await town.turn())
    assert not await town.ledger.finish_turn(TurnResult(lost, tuple(reply.says), keep=reply.keep))
    assert await town.fetch("SELECT params ->> 'text' FROM outbox") == [("The second.",)]
    assert await town.fetch(EXCHANGES) == [(0, "user", "Write a poem about the pass"), (0, "assistant", "The second.")]
    assert await town.fetch("SELECT text FROM generations") == [("The second.",)]


async def test_an_answer_that_is_broken_off_to_be_made_of_more_is_paid(
    town: Town, conversation: Conversation, fake: FakeProvider
) -> None:
    fake.fail(Fault.NO_ANSWER)
    answering = asyncio.create_task(conversation.respond(await write(town, 1, "Translate")))
    await fake.until_asked()
    answering.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    assert answering.cancelled()
    assert await town.fetch("SELECT held_until, is_estimated, tokens_in > 0 FROM spendings") == [(None, True, True)]


async def test_a_message_that_is_answered_again_replaces_what_was_said(
    town: Town, conversation: Conversation, fake: FakeProvider
) -> None:
    fake.say("The first.", "The second.")
    turn = await write(town, 1, "Write a poem about the pass")
    await finish(town, conversation, turn)
    await town.execute("UPDATE inbox SET state = 'RECEIVED'")  # as `kunak messages replay` does
    await finish(town, conversation, await town.turn())
    assert [text for _, _, text in await town.fetch(EXCHANGES)] == ["Write a poem about the pass", "The second."]
    assert [each["role"] for each in fake.requests[-1].body["messages"]] == ["system", "user"]


async def test_each_topic_has_a_memory_of_its_own(town: Town, conversation: Conversation, fake: FakeProvider) -> None:
    await finish(town, conversation, await write(town, 1, "Write a poem", topic=5))
    await finish(town, conversation, await write(town, 2, "Write a song", topic=6))
    await finish(town, conversation, await write(town, 3, "Translate it", topic=5))
    said = [each["content"] for each in fake.requests[-1].body["messages"][1:]]
    assert said == ["Write a poem", "You said: Write a poem", "Translate it"]
    assert {topic for topic, _, _ in await town.fetch(EXCHANGES)} == {5, 6}


async def test_without_a_model_nothing_is_remembered(town: Town, conversation: Conversation) -> None:
    alone = replace(conversation, library=replace(conversation.library, model=None))
    await finish(town, alone, await write(town, 1, "Write a poem"))
    assert await town.fetch(EXCHANGES) == []


def test_the_newest_messages_are_kept_and_no_answer_without_its_question() -> None:
    said = [ThreadMessage("user", "a" * 300), ThreadMessage("assistant", "b" * 300), ThreadMessage("user", "c" * 300)]
    assert trim(said, 1000) == said
    assert trim(said, 250) == said[2:]
    assert trim(said, 50) == []


def test_of_a_question_that_is_too_long_the_earlier_messages_go_first_and_then_most_passages() -> None:
    citation = Citation(1, "doc-1", "The pass", None, "It is closed.", None)
    passage = citation, Hit("document", 1, 0, "doc-1", "The pass", "It is closed.", None, None, 1.0, 1.0)
    asked = Asked(GenerationMode.GROUNDED, "When?", [ThreadMessage("user", "Hello")], [passage] * 5)
    first = shortened(asked)
    assert first == replace(asked, history=())
    second = shortened(first)
    assert second is not None
    assert (second.question, len(second.passages), second.most_tokens < first.most_tokens) == ("When?", 2, True)
    assert shortened(second) is None
