"""The jobs of conversations: Telegram is told of commands, and old searches are forgotten."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from kunak.features.bots.schemas import BotState
from kunak.features.bots.service import Directory
from kunak.features.conversations.repository import searches, threads
from kunak.features.conversations.schemas import (
    CheckCommands,
    PruneSearches,
    PruneThreads,
    SummariseThread,
    TellCommands,
)
from kunak.features.conversations.service.commands import fingerprint, list_commands, tell_where_changed
from kunak.features.conversations.service.memory import MOST_TOKENS
from kunak.features.conversations.service.summarise import Summarising, summarise
from kunak.features.language_models.schemas import Bookkeeping
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import FatalError, NotFoundError
from kunak.foundation.jobs.worker import Handlers
from kunak.integrations.language_model.interface import LanguageModel
from kunak.integrations.telegram.interface import TelegramClient, TelegramRefusedError

log = logging.getLogger(__name__)

_KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class ConversationJobs:
    """The handlers, with what they work on."""

    sessions: Sessions
    directory: Directory
    telegram: TelegramClient
    keep_days: int = 180
    model: LanguageModel | None = None
    """Who sums up; without one nothing is remembered that would have to be."""
    history_tokens: int = MOST_TOKENS
    books: Bookkeeping = field(default_factory=Bookkeeping)

    def register(self, handlers: Handlers) -> None:
        handlers.add(TellCommands, self.tell_commands)
        handlers.add(CheckCommands, self.check_commands)
        handlers.add(PruneSearches, self.prune_searches)
        handlers.add(PruneThreads, self.prune_threads)
        handlers.add(SummariseThread, self.summarise_thread)
        handlers.repeat("*/5 * * * *", CheckCommands())
        handlers.repeat("41 3 * * *", PruneSearches())
        handlers.repeat("51 3 * * *", PruneThreads())

    async def tell_commands(self, job: TellCommands) -> None:
        """What Telegram refuses is not told again until the words change: a bot works without its menu, too."""
        try:
            known = await self.directory.get(job.bot_id)
            if known.bot.state is not BotState.ACTIVE:
                return
            for commands in list_commands():
                await self.telegram.call(known.access, "setMyCommands", commands)
        except NotFoundError:
            return
        except (FatalError, TelegramRefusedError) as error:
            log.warning("conversations: the commands of bot %d were refused: %s", job.bot_id, error)
        async with self.sessions.begin() as session:
            await searches.keep_told(session, job.bot_id, fingerprint())

    async def summarise_thread(self, job: SummariseThread) -> None:
        if self.model is not None:
            await summarise(Summarising(self.sessions, self.model, self.history_tokens, self.books), job.thread_id)

    async def check_commands(self, _: CheckCommands) -> None:
        async with self.sessions.begin() as session:
            await tell_where_changed(session)

    async def prune_searches(self, _: PruneSearches) -> None:
        async with self.sessions.begin() as session:
            await searches.prune_searches(session, older_than=_KEPT_FOR)

    async def prune_threads(self, _: PruneThreads) -> None:
        async with self.sessions.begin() as session:
            await threads.prune(session, older_than=timedelta(days=self.keep_days))
