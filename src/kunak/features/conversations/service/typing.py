"""While a model thinks, Telegram shows that the bot is typing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from kunak.features.conversations.schemas import Spoken
from kunak.foundation.clock import sleep_unless
from kunak.foundation.errors import KunakError
from kunak.integrations.telegram.interface import TelegramClient

_SHOWN_FOR_S = 4.5
"""Telegram shows it for five seconds, or until a message comes."""


@asynccontextmanager
async def typing(telegram: TelegramClient, spoken: Spoken, seen: asyncio.Event) -> AsyncIterator[None]:
    """A decoration: past the outbox, once every few seconds until there is something to see. Whether it arrives matters
    to nobody.
    """
    if spoken.access is None:
        yield
        return
    showing = asyncio.create_task(_show(telegram, spoken, seen))
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


async def _show(telegram: TelegramClient, spoken: Spoken, seen: asyncio.Event) -> None:
    message = spoken.message
    params: dict[str, Any] = {"chat_id": message.chat_id, "action": "typing"}
    if message.thread_id is not None:
        params["message_thread_id"] = message.thread_id
    while spoken.access is not None and not seen.is_set():
        with suppress(KunakError):
            await telegram.call(spoken.access, "sendChatAction", params)
        await sleep_unless(_SHOWN_FOR_S, seen)
