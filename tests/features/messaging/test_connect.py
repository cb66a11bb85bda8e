"""Telegram is told what is wanted of a bot, in whatever order its calls arrive."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.features.messaging.conftest import Town

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import ConnectBot, Identity, UpdatesBy
from kunak.features.messaging.jobs.connect import Connecting
from kunak.integrations.telegram.interface import BotAccess


@dataclass
class SlowTelegram:
    """Holds the first call that sets a webhook until it is let go; `told` is in the order in which calls arrive."""

    told: list[str] = field(default_factory=list)
    on_its_way: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, _: BotAccess, method: str, _params: dict[str, Any] | None = None, *, wait_s: float = 0) -> Any:
        assert wait_s == 0
        if method == "setWebhook":
            self.on_its_way.set()
            await self.let_go.wait()
        self.told.append(method)
        return True

    async def close(self) -> None: ...


async def test_of_two_changes_in_a_row_the_last_one_holds(town: Town) -> None:
    telegram = SlowTelegram()
    connecting = Connecting(town.sessions, town.directory, telegram, "https://friend.example")
    first = asyncio.create_task(connecting.connect_bot(ConnectBot(town.bot.id)))
    await telegram.on_its_way.wait()
    async with town.sessions.begin() as session:
        alice = Identity(1, "friend_bot", "Друг")
        await bots.save_bot(session, town.doors, "1:alice", alice, updates_by=UpdatesBy.POLLING, actor="alice")
    await connecting.connect_bot(ConnectBot(town.bot.id))
    assert telegram.told == ["deleteWebhook"]
    telegram.let_go.set()
    await first
    assert telegram.told == ["deleteWebhook", "setWebhook", "deleteWebhook"]
