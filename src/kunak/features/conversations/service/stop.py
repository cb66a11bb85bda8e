"""An answer ends while it is being written: by the button under its draft, or by /stop."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.reply import to_says
from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.understand import is_stop
from kunak.features.messaging import service as messaging
from kunak.features.messaging.schemas import ChatKey, Reply
from kunak.foundation.db.engine import Sessions
from kunak.integrations.telegram.incoming import read_message, read_stopped_draft
from kunak.integrations.telegram.text import FormattedText


def stop_draft(bot_id: int, payload: dict[str, Any]) -> Reply | None:
    """What the button under a draft does; None when this is no press of it."""
    stopped = read_stopped_draft(payload.get("stopped_message_generation"))
    if stopped is None:
        return None
    chat, draft_id = ChatKey(bot_id, stopped.chat_id), stopped.draft_id

    async def keep(session: AsyncSession) -> None:
        await messaging.stop_draft(session, chat, draft_id)

    return Reply(keep=keep)


def stop_all(bot_id: int, username: str, payload: dict[str, Any]) -> Reply | None:
    """What /stop does while others still wait for their answer, past their order; None for any other message."""
    message, update_id = read_message(payload.get("message")), payload.get("update_id")
    if message is None or not isinstance(update_id, int) or not is_stop(message, username):
        return None
    chat = ChatKey(bot_id, message.chat_id)

    async def keep(session: AsyncSession) -> None:
        await messaging.stop_before(session, chat, update_id)

    return Reply(keep=keep)


async def answer_stop(sessions: Sessions, spoken: Spoken) -> Reply:
    """When the turn of /stop itself comes: what was stopped says so, so there is a word only where nothing was."""
    message = spoken.message
    async with sessions() as session:
        chat = ChatKey(spoken.bot.id, message.chat_id)
        if not message.is_private or await messaging.has_stopped_something(session, chat, spoken.inbox_id):
            return Reply()
    said = spoken.words.gettext("I am not writing anything just now.")
    return Reply(to_says(FormattedText().add(said), message))
