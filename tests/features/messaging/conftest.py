"""A bot and its ledger on a database of their own."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot, Identity, UpdatesBy
from kunak.features.bots.service import Directory, Doors
from kunak.features.messaging.schemas import ChatKey, Limits, NewUpdate, Say, Turn
from kunak.features.messaging.service import Ledger, LedgerOptions, RetryPolicy
from kunak.foundation.crypto import SecretBox, new_key
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import ErrorClass

OPTIONS = LedgerOptions(
    lease_for=timedelta(seconds=30),
    grace_s=0.0,
    limits=Limits(per_bot=1000.0, per_chat=1000.0, per_group=1000),
    retries=RetryPolicy(max_attempts=3, first_pause=timedelta(), longest_pause=timedelta()),
)
AGAIN_AT_ONCE = timedelta()
RETRYABLE, TERMINAL = ErrorClass.RETRYABLE, ErrorClass.TERMINAL


@dataclass
class Town:
    """A bot, its ledger, and the ways of a test to move things and to look at them."""

    sessions: Sessions
    ledger: Ledger
    doors: Doors
    bot: Bot

    @property
    def directory(self) -> Directory:
        return Directory(self.sessions, self.doors)

    def with_options(self, **changed: Any) -> Ledger:
        return Ledger(self.sessions, replace(OPTIONS, **changed))

    def chat(self, chat_id: int = 1) -> ChatKey:
        return ChatKey(self.bot.id, chat_id)

    def update(self, update_id: int, chat_id: int = 1, *, ordered: bool = True) -> NewUpdate:
        return NewUpdate(self.bot.id, update_id, chat_id, "message", {"update_id": update_id}, ordered)

    async def receive(self, *update_ids: int, chat_id: int = 1, ordered: bool = True) -> None:
        for update_id in update_ids:
            await self.ledger.receive(self.update(update_id, chat_id, ordered=ordered))

    async def turn(self, chat_id: int = 1) -> Turn:
        turn = await self.ledger.claim_turn(self.chat(chat_id))
        assert isinstance(turn, Turn)
        return turn

    async def say(self, *texts: str, chat_id: int = 1) -> None:
        from kunak.features.messaging.service import say  # noqa: PLC0415  the method bears the same name

        async with self.sessions.begin() as session:
            await say(session, self.chat(chat_id), [Say("sendMessage", {"chat_id": chat_id, "text": t}) for t in texts])

    async def fetch(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.sessions() as session:
            return [tuple(row) for row in await session.execute(text(query), values)]

    async def execute(self, statement: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            await session.execute(text(statement), values)

    async def states(self, box: str = "inbox") -> list[tuple[Any, ...]]:
        """(state, attempt) of all messages, oldest first."""
        return await self.fetch(f"SELECT state, attempt FROM {box} ORDER BY id")  # noqa: S608  a word of the test

    async def queued(self, job: str) -> int:
        """How many jobs of this name wait."""
        query = "SELECT count(*) FROM pgqueuer WHERE status = 'queued' AND convert_from(payload, 'UTF8') LIKE :job"
        [(count,)] = await self.fetch(query, job=f'%"{job}"%')
        return int(count)

    async def let_leases_expire(self) -> None:
        await self.execute("UPDATE chats SET turn_until = now() - interval '1 s', send_until = now() - interval '1 s'")


@pytest.fixture
async def town(sessions: Sessions) -> Town:
    doors = Doors(SecretBox([new_key()]), "http://127.0.0.1:9")
    async with sessions.begin() as session:
        bot = await bots.save_bot(
            session,
            doors,
            "1:alice",
            Identity(1, "friend_bot", "Друг"),
            updates_by=UpdatesBy.WEBHOOK,
            actor="alice",
        )
    return Town(sessions, Ledger(sessions, OPTIONS), doors, bot)
