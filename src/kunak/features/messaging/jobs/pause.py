"""A bot that cannot work until a person mends it is paused."""

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot, BotState
from kunak.features.bots.service import Directory
from kunak.features.messaging.service.alerts import pause_and_alert
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import FatalError, RetryableError


async def pause(
    sessions: Sessions, directory: Directory, bot_id: int, error: FatalError, used: Bot | None = None
) -> Exception:
    """Pause the bot and tell the admins; a RetryableError when the bot was mended in the meantime.

    `used`: the bot as it was when the error came, if it could be looked up at all.
    """
    directory.forget(bot_id)
    async with sessions.begin() as session:
        refused = used or await bots.get_bot(session, bot_id)
        if await pause_and_alert(session, refused, str(error)):
            return error
        if (await bots.get_bot(session, bot_id)).state is BotState.ACTIVE:
            return RetryableError("The bot was given a new token just now.")
    return error
