"""Updates are written down before anybody looks at them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository import inbox
from kunak.features.messaging.schemas import AnswerChat, AnswerFleeting, ChatKey, NewUpdate
from kunak.features.messaging.service.stops import heed_stops
from kunak.foundation.jobs.job import Job
from kunak.foundation.jobs.queue import enqueue


async def receive_updates(session: AsyncSession, updates: Sequence[NewUpdate]) -> list[bool]:
    """Store updates and wake their chats; for each whether it was new. Telegram may be told so once this commits."""
    new = await inbox.add_updates_once(session, updates)
    if known := [each for each in updates if (each.bot_id, each.update_id) not in new]:
        free = await inbox.make_room(session, known)
        anew = [each for each in known if (each.bot_id, each.update_id) in free]
        new |= await inbox.add_updates_once(session, anew) if anew else set()
    seen: set[tuple[int, int]] = set()
    fresh = []
    for each in updates:
        key = (each.bot_id, each.update_id)
        fresh.append(key in new and key not in seen)
        seen.add(key)
    arrived = [each for each, is_new in zip(updates, fresh, strict=True) if is_new]
    await heed_stops(session, arrived)
    await enqueue(session, _wake_ups(arrived))
    return fresh


def _wake_ups(updates: Sequence[NewUpdate]) -> list[Job]:
    chats = dict.fromkeys(ChatKey(each.bot_id, each.chat_id) for each in updates if each.takes_a_turn)
    fleeting = [AnswerFleeting(each.bot_id, each.update_id) for each in updates if each.is_fleeting]
    return [*(AnswerChat(chat.bot_id, chat.chat_id) for chat in chats), *fleeting]
