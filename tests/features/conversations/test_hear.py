"""A recording is paid for once, however often its turn begins anew, and not before it was sent."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from tests.features.conversations.conftest import Town

from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service import Ears, Library
from kunak.features.conversations.service.hear import hear
from kunak.features.language_models import service as models
from kunak.features.language_models.schemas import Bookkeeping, Budget, BudgetPeriod, Per, Price
from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.model_endpoint.fake import FaultKind
from kunak.integrations.telegram.attachments import Attachment, AttachmentKind
from kunak.integrations.telegram.files import LARGEST_FILE
from kunak.integrations.telegram.incoming import IncomingMessage
from kunak.integrations.telegram.interface import BotAccess
from kunak.integrations.transcription.fake import FakeTranscription
from kunak.integrations.transcription.openai_compatible import OpenAICompatibleTranscriber, address

ALICE = 7


@dataclass
class Files:
    """Gives one sound, once it may."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def load(self, bot: BotAccess, file_id: str, *, most_bytes: int = LARGEST_FILE) -> bytes:
        assert (bot.token, file_id, most_bytes) == ("1:token", "voice-1", LARGEST_FILE)
        self.asked.set()
        await self.may.wait()
        return b"OggS" + bytes(60)

    async def close(self) -> None: ...


@pytest.fixture
async def server() -> AsyncIterator[FakeTranscription]:
    async with FakeTranscription(hears="When does the pass open?") as server:
        yield server


@pytest.fixture
async def library(town: Town, server: FakeTranscription) -> AsyncIterator[Library]:
    async with town.sessions.begin() as session:
        await models.set_price(session, Price("whisper-1", Decimal(0), Decimal(0), minute=Decimal(20)), actor="alice")
        await models.set_budget(session, Budget(Per.USER, BudgetPeriod.DAY, Decimal("1.5")), actor="alice")
    endpoint = JsonEndpoint(address(f"{server.base}/v1"))
    ears = Ears(OpenAICompatibleTranscriber(endpoint, "whisper-1"), "here", "whisper-1")
    books = Bookkeeping("here", "fake-1")
    yield Library(town.sessions, town.sessions, books=books, files=Files(), ears=ears)
    await ears.close()


def said(town: Town, *, inbox_id: int = 1) -> Spoken:
    voice = Attachment(AttachmentKind.VOICE, "voice-1", 64, 3)
    message = IncomingMessage(
        chat_id=ALICE,
        message_id=1,
        thread_id=None,
        is_private=True,
        text="",
        language_code="en",
        from_bot=False,
        sender_id=ALICE,
        attachments=(voice,),
    )
    return Spoken(town.bot, inbox_id, message, BotAccess("http://127.0.0.1:9", "1:token"))


def files_of(library: Library) -> Files:
    assert isinstance(library.files, Files)
    return library.files


async def spent(town: Town) -> list[tuple[object, ...]]:
    return await town.fetch("SELECT cost, is_estimated, held_until IS NULL FROM spendings")


async def test_who_begins_anew_hears_on(town: Town, library: Library, server: FakeTranscription) -> None:
    files_of(library).may.set()
    server.break_next(FaultKind.HANG)
    first = asyncio.create_task(hear(library, said(town)))
    await server.received_count(1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    again = asyncio.create_task(hear(library, said(town)))
    server.mend()
    assert (await again).text == "When does the pass open?"
    assert await hear(library, said(town)) == await again
    assert (len(server.received), await spent(town)) == (1, [(1, False, True)])
    assert (await hear(library, said(town, inbox_id=2))).text, "said again it is another recording"
    assert len(server.received) == 2


async def test_what_was_sent_when_we_stopped_is_paid_for(
    town: Town, library: Library, server: FakeTranscription
) -> None:
    files_of(library).may.set()
    server.break_next(FaultKind.HANG)
    hearing = asyncio.create_task(hear(library, said(town)))
    await server.received_count(1)
    assert library.ears is not None
    await library.ears.hearings.close()
    await asyncio.gather(hearing, return_exceptions=True)
    assert await spent(town) == [(1, True, True)]


async def test_what_was_still_being_fetched_when_we_stopped_costs_nothing(town: Town, library: Library) -> None:
    hearing = asyncio.create_task(hear(library, said(town)))
    await files_of(library).asked.wait()
    assert await spent(town) == [(1, True, False)]
    assert library.ears is not None
    await library.ears.hearings.close()
    await asyncio.gather(hearing, return_exceptions=True)
    assert await spent(town) == []
