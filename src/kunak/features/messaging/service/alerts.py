"""Admins are told of what needs a person: once per matter and window, however often it happens."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import BotState
from kunak.features.messaging.repository import alerts
from kunak.features.messaging.schemas import ChatKey, Say, TellAdmins
from kunak.features.messaging.service.deliveries import say
from kunak.foundation.jobs.queue import enqueue

WINDOW = timedelta(hours=1)


async def raise_alert(session: AsyncSession, key: str, words: str) -> bool:
    """Write an alert down, and have it sent after commit; False when `key` has spoken within the window."""
    alert_id = await alerts.add_alert_once(session, key, words, WINDOW)
    if alert_id is not None:
        await enqueue(session, [TellAdmins(alert_id)])
    return alert_id is not None


async def tell_admins(session: AsyncSession, alert_id: int, admin_chats: Sequence[int]) -> bool:
    """Have an alert said in every admin chat by the first bot that works; False when none can say it."""
    words = await alerts.get_alert_text(session, alert_id)
    speakers = [bot for bot in await bots.list_bots(session) if bot.state is BotState.ACTIVE]
    if words is None or not speakers:
        return False
    for chat_id in admin_chats:
        await say(session, ChatKey(speakers[0].id, chat_id), [Say("sendMessage", {"chat_id": chat_id, "text": words})])
    return bool(admin_chats)
