"""Telegram is told of commands once, and again when their words change; old searches are forgotten."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot, Identity, UpdatesBy
from kunak.features.bots.service import Directory, Doors
from kunak.features.conversations.jobs import ConversationJobs
from kunak.features.conversations.repository import searches, threads
from kunak.features.conversations.schemas import (
    CheckCommands,
    NewSearch,
    PruneSearches,
    PruneThreads,
    TellCommands,
    ThreadMessage,
    ThreadPlace,
    Wish,
)
from kunak.foundation.clock import now
from kunak.foundation.crypto import SecretBox, new_key
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import Language
from kunak.integrations.telegram.interface import BotAccess, TelegramRefusedError, TelegramUnavailableError


@dataclass
class Telegram:
    """Remembers in which languages it was told commands, unless it refuses."""

    refusal: Exception | None = None
    told: list[str] = field(default_factory=list)

    async def call(self, _: BotAccess, method: str, params: dict[str, Any] | None = None, *, wait_s: float = 0) -> Any:
        assert (method, wait_s) == ("setMyCommands", 0)
        if self.refusal is not None:
            raise self.refusal
        self.told.append((params or {}).get("language_code", "other"))

    async def close(self) -> None: ...


@dataclass
class House:
    """A bot, and the jobs of its conversations."""

    sessions: Sessions
    directory: Directory
    bot: Bot
    telegram: Telegram = field(default_factory=Telegram)

    @property
    def jobs(self) -> ConversationJobs:
        return ConversationJobs(self.sessions, self.directory, self.telegram)

    async def check(self) -> int:
        """How many bots are to be told now."""
        await self.jobs.check_commands(CheckCommands())
        query = "SELECT count(*) FROM pgqueuer WHERE convert_from(payload, 'UTF8') LIKE '%TellCommands%'"
        async with self.sessions.begin() as session:
            count = await session.scalar(text(query))
            await session.execute(text("DELETE FROM pgqueuer"))
        return int(count or 0)


@pytest.fixture
async def house(sessions: Sessions) -> House:
    doors = Doors(SecretBox([new_key()]), "http://127.0.0.1:9")
    identity = Identity(1, "friend_bot", "Друг")
    async with sessions.begin() as session:
        bot = await bots.save_bot(session, doors, "1:alice", identity, updates_by=UpdatesBy.WEBHOOK, actor="alice")
    return House(sessions, Directory(sessions, doors), bot)


async def test_each_language_is_told_once(house: House) -> None:
    assert await house.check() == 1
    await house.jobs.tell_commands(TellCommands(house.bot.id))
    assert house.telegram.told == ["other", "ru", "en"]
    assert await house.check() == 0


async def test_changed_words_are_told_anew(house: House) -> None:
    async with house.sessions.begin() as session:
        await searches.keep_told(session, house.bot.id, "of older words")
    assert await house.check() == 1


async def test_what_is_refused_is_not_told_again(house: House) -> None:
    house.telegram.refusal = TelegramRefusedError("Bad Request: BOT_COMMAND_INVALID")
    await house.jobs.tell_commands(TellCommands(house.bot.id))
    assert await house.check() == 0


async def test_what_telegram_did_not_hear_is_told_later(house: House) -> None:
    house.telegram.refusal = TelegramUnavailableError("gone")
    with pytest.raises(TelegramUnavailableError):
        await house.jobs.tell_commands(TellCommands(house.bot.id))
    assert await house.check() == 1


@pytest.mark.parametrize("days", [29, 31])
async def test_searches_are_kept_for_thirty_days(house: House, days: int) -> None:
    asked = NewSearch(house.bot.id, 2, 3, Wish.QUESTION, "bridge", Language.ENGLISH)
    async with house.sessions.begin() as session:
        search_id = await searches.keep_search(session, asked, now() - timedelta(days=days))
    await house.jobs.prune_searches(PruneSearches())
    async with house.sessions() as session:
        kept = await searches.get_search(session, search_id, bot_id=house.bot.id, chat_id=2)
    assert (kept is not None) is (days < 30)


async def test_a_message_answered_twice_keeps_one_search(house: House) -> None:
    asked = NewSearch(house.bot.id, 2, 3, Wish.QUESTION, "bridge", Language.ENGLISH)
    async with house.sessions.begin() as session:
        ids = {await searches.keep_search(session, asked, now()) for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize("days", [179, 181])
async def test_memory_goes_with_the_ledger(house: House, days: int) -> None:
    place, said = ThreadPlace(house.bot.id, 2), [ThreadMessage("user", "Where is the bridge?")]
    async with house.sessions.begin() as session:
        await threads.add_messages_once(session, place, 1, said, Language.ENGLISH)
        for statement in ("UPDATE threads SET started_at", "UPDATE thread_messages SET created_at"):
            await session.execute(text(f"{statement} = now() - make_interval(days => {days})"))
    await house.jobs.prune_threads(PruneThreads())
    async with house.sessions() as session:
        assert await threads.list_last_messages(session, place, besides=0, most=9) == (said if days < 180 else [])
        assert await session.scalar(text("SELECT count(*) FROM threads")) == (days < 180)
