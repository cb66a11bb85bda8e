"""Telegram is told where the updates of a bot go; a bot that an error has paused is tried again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot, BotState, ConnectBot, UpdatesBy
from kunak.features.bots.service import Directory
from kunak.features.messaging.jobs.pause import pause
from kunak.features.messaging.schemas import ProbeBots
from kunak.features.messaging.service.alerts import end_pause, resume_and_tell, tell_mended
from kunak.features.messaging.service.replay import wake_bot
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import FatalError, KunakError
from kunak.integrations.telegram.interface import TelegramClient, TelegramRefusedError
from kunak.integrations.telegram.updates import UPDATE_KINDS

log = logging.getLogger(__name__)

AfterConnecting = Callable[[AsyncSession, int], Awaitable[None]]
"""What else is to be done for a bot (its id) that Telegram knows us by now, written down in the same transaction."""


@dataclass(frozen=True)
class Connecting:
    """Sees to it that Telegram sends us the updates of every bot."""

    sessions: Sessions
    directory: Directory
    telegram: TelegramClient
    public_url: str | None = None
    after_connecting: AfterConnecting | None = None

    async def connect_bot(self, job: ConnectBot) -> None:
        """Tell Telegram where updates go. What only a person can mend pauses the bot: asking again would not help."""
        bot = await self._get(job.bot_id)
        self.directory.forget(bot.id)
        if bot.token_sealed is None:
            return
        works = False
        try:
            bot = await self._connect(bot)
            works = bot.state is BotState.ACTIVE
        except (FatalError, TelegramRefusedError) as error:
            if bot.state is not BotState.REMOVED:
                if not isinstance(error, FatalError):
                    raise
                await pause(self.sessions, self.directory, bot.id, error, bot)
        async with self.sessions.begin() as session:
            if bot.state is BotState.REMOVED:
                await bots.forget_token(session, bot.id)
            else:
                if works:
                    await end_pause(session, bot.id)
                await wake_bot(session, bot.id)
                if self.after_connecting is not None:
                    await self.after_connecting(session, bot.id)

    async def _connect(self, bot: Bot) -> Bot:
        """Telegram told, and told again whenever the bot was changed meanwhile; the bot as it is by then.

        Two may tell it at once, in whatever order their calls arrive: whose came last sees what is wanted now.
        """
        while True:
            await self._tell(bot)
            present = await self._get(bot.id)
            if present.token_sealed is None or _told(present) == _told(bot):
                return present
            bot = present

    async def _get(self, bot_id: int) -> Bot:
        async with self.sessions() as session:
            return await bots.get_bot(session, bot_id)

    async def _tell(self, bot: Bot) -> None:
        access = self.directory.doors.access(bot)
        if bot.state is BotState.REMOVED or bot.updates_by is UpdatesBy.POLLING:
            await self.telegram.call(access, "deleteWebhook", {"drop_pending_updates": False})
            return
        if self.public_url is None:
            raise FatalError("KUNAK_PUBLIC_URL is not set: Telegram cannot call a webhook without an address.")
        await self.telegram.call(
            access,
            "setWebhook",
            {
                "url": self.public_url.rstrip("/") + self.directory.doors.webhook_path(bot),
                "secret_token": self.directory.doors.webhook_secret(bot),
                "allowed_updates": list(UPDATE_KINDS),
                "max_connections": 40,
            },
        )

    async def probe_bots(self, _: ProbeBots) -> None:
        """All at once: one whose server hangs does not keep the others waiting."""
        async with self.sessions.begin() as session:
            due = await bots.claim_probes(session)
        await asyncio.gather(*(self._probe(bot) for bot in due))

    async def _probe(self, bot: Bot) -> None:
        """By doing what every bot must be able to: say who it is, and be told where its updates go."""
        try:
            await bots.identify(self.telegram, self.directory.doors.access(bot))
            await self._connect(bot)
        except KunakError as error:
            if not (isinstance(error, FatalError) and await self._fetch_token(bot)):
                log.info("messaging: bot %d stays paused: %s", bot.id, error)
            return
        async with self.sessions.begin() as session:
            resumed = await resume_and_tell(session, bot)
        self.directory.forget(bot.id)
        log.info("messaging: bot %d %s", bot.id, "works again" if resumed else "was seen to by somebody else")

    async def _fetch_token(self, bot: Bot) -> bool:
        """Whether the bot that manages this one knows a token other than ours: with it, this one goes on."""
        doors = self.directory.doors
        try:
            manager = await self._get(bot.managed_by or 0)
            fetched = await bots.fetch_managed(self.telegram, doors.access(manager), bot.telegram_id)
        except KunakError:
            return False
        async with self.sessions.begin() as session:
            await bots.adopt(session, doors, manager, fetched, actor="kunak")
            await tell_mended(session, bot)
        return True


def _told(bot: Bot) -> tuple[object, ...]:
    """All of a bot that Telegram is told of."""
    return (
        bot.state is BotState.REMOVED,
        bot.updates_by,
        bot.api_base,
        bot.token_sealed,
        bot.webhook_secret_sealed,
    )
