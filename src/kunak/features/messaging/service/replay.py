"""Looking into the ledger, and beginning again."""

import dataclasses

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository import ledger, outbox
from kunak.features.messaging.repository.ledger import IdleChat
from kunak.features.messaging.schemas import AnswerChat, Box, ChatKey, DeliverToChat, LedgerLine, LedgerPage
from kunak.foundation.errors import ConflictError, NotFoundError
from kunak.foundation.jobs.queue import enqueue

_MOST = 1000


async def list_messages(
    session: AsyncSession, box: Box, *, bot_id: int | None = None, state: str | None = None, limit: int = 50
) -> list[LedgerLine]:
    """The newest messages of the inbox or outbox."""
    return await ledger.list_messages(session, box, bot_id=bot_id, state=state, limit=limit)


async def show_message(session: AsyncSession, box: Box, message_id: int) -> LedgerPage:
    """A message with its steps; one of the inbox with what was said to it.

    Raises:
        NotFoundError: there is no such message.
    """
    page = await ledger.get_page(session, box, message_id)
    if page is None:
        raise NotFoundError(f"There is no message {message_id} in the {box}.")
    if box == "outbox":
        return page
    said = [await show_message(session, "outbox", each) for each in await ledger.list_said(session, message_id)]
    return dataclasses.replace(page, said=said)


async def replay_message(session: AsyncSession, box: Box, message_id: int) -> None:
    """Begin one message anew.

    Raises:
        NotFoundError: there is no such message.
        ConflictError: it is still under way, or was delivered.
    """
    page = await show_message(session, box, message_id)
    if not await _replay(session, box, [message_id]):
        raise ConflictError(f"Message {message_id} is {page.line.state}: there is nothing to begin anew.")


async def replay_next(
    session: AsyncSession, box: Box, *, after: int, bot_id: int | None = None
) -> tuple[int, int | None]:
    """Begin anew up to a thousand messages that were given up, of those numbered above `after`.

    How many they were, and the last of their numbers: None when there are no more.
    """
    ids = await ledger.list_ids(session, box, bot_id=bot_id, state="TERMINAL", after=after, limit=_MOST)
    return await _replay(session, box, ids), ids[-1] if ids else None


async def wake_bot(session: AsyncSession, bot_id: int) -> None:
    """Go on with everything that was parked while a bot was paused."""
    await outbox.forget_missed_slots(session, bot_id)
    await _wake(session, await ledger.list_idle_chats(session, older_than_s=0, limit=_MOST, bot_id=bot_id))


async def wake_idle_chats(session: AsyncSession, *, older_than_s: float) -> int:
    """Wake chats whose work is due and which nobody holds: the net under every wake-up that can get lost; how many."""
    idle = await ledger.list_idle_chats(session, older_than_s=older_than_s, limit=_MOST)
    await _wake(session, idle)
    return len(idle)


async def prune_ledger(session: AsyncSession, *, older_than_days: int) -> bool:
    """Forget some messages that were done with so long ago, in a short transaction; whether there may be more."""
    return await ledger.prune(session, older_than_days=older_than_days, most=_MOST) > 0


async def _wake(session: AsyncSession, idle: list[IdleChat]) -> None:
    jobs = {"turn": AnswerChat, "send": DeliverToChat}
    await enqueue(session, [jobs[each.what](each.chat.bot_id, each.chat.chat_id) for each in idle], once=True)


async def _replay(session: AsyncSession, box: Box, ids: list[int]) -> int:
    chats = await ledger.replay(session, box, ids)
    job: type[AnswerChat | DeliverToChat] = AnswerChat if box == "inbox" else DeliverToChat
    await enqueue(session, [job(chat.bot_id, chat.chat_id) for chat in _distinct(chats)])
    return len(chats)


def _distinct(chats: list[ChatKey]) -> list[ChatKey]:
    return list(dict.fromkeys(chats))
