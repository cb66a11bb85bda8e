"""The bots as a running process remembers them for a moment, so that a message costs no query for its bot."""

import asyncio
import time
from dataclasses import dataclass

from kunak.features.bots.schemas import Bot
from kunak.features.bots.service.doors import Doors
from kunak.features.bots.service.manage import get_bot
from kunak.foundation.db.engine import Sessions
from kunak.integrations.telegram.interface import BotAccess

_REMEMBERED_S = 2.0


@dataclass(frozen=True)
class KnownBot:
    """A bot with its secrets at hand."""

    bot: Bot
    access: BotAccess
    webhook_secret: str


class Directory:
    """Looks bots up, at most every two seconds each."""

    def __init__(self, sessions: Sessions, doors: Doors) -> None:
        self.doors = doors
        self._sessions = sessions
        self._known: dict[int, tuple[float, KnownBot]] = {}
        self._looking = asyncio.Lock()

    async def get(self, bot_id: int) -> KnownBot:
        """
        Raises:
            NotFoundError: there is no such bot, or it was removed.
            FatalError: its token cannot be decrypted.
        """
        if (known := self._remembered(bot_id)) is not None:
            return known
        # Many ask at the same moment when the memory has run out: the first looks, the others wait for it.
        async with self._looking:
            return self._remembered(bot_id) or await self._look_up(bot_id)

    def _remembered(self, bot_id: int) -> KnownBot | None:
        at, known = self._known.get(bot_id, (0.0, None))
        return known if time.monotonic() - at < _REMEMBERED_S else None

    async def _look_up(self, bot_id: int) -> KnownBot:
        async with self._sessions() as session:
            bot = await get_bot(session, bot_id)
        known = KnownBot(bot, self.doors.access(bot), self.doors.webhook_secret(bot))
        self._known[bot_id] = (time.monotonic(), known)
        return known

    def forget(self, bot_id: int) -> None:
        """Look again next time."""
        self._known.pop(bot_id, None)
