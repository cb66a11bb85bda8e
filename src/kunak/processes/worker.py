"""The process that works: answers messages, delivers, carries out effects, makes vectors."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from kunak.features.conversations.jobs import ConversationJobs
from kunak.features.conversations.service import (
    Conversation,
    Drafts,
    Ears,
    Library,
    Pace,
    Previews,
    Stage,
    connected,
)
from kunak.features.language_models.jobs import LanguageModelJobs
from kunak.features.language_models.schemas import Spender
from kunak.features.language_models.service import CountedModel
from kunak.features.messaging.jobs import MessagingJobs
from kunak.features.messaging.service import Stops
from kunak.features.search.jobs import SearchJobs
from kunak.features.understanding.service import Refines, open_refiner
from kunak.foundation.jobs.worker import Handlers, WorkerOptions, run_jobs
from kunak.integrations.telegram.files import HttpTelegramFiles, TelegramFiles
from kunak.processes.bootstrap import Kunak
from kunak.processes.equipment import vector_index_options
from kunak.processes.hearing import open_ears


async def run(kunak: Kunak, stop: asyncio.Event) -> None:
    """Run jobs until `stop`; those in hand are finished."""
    settings = kunak.settings
    options = WorkerOptions(
        concurrency=settings.worker_concurrency,
        heartbeat=timedelta(seconds=settings.lease_s),
        first_pause=timedelta(seconds=settings.retry_base_s),
        longest_pause=timedelta(seconds=settings.retry_max_s),
    )
    stops = Stops(kunak.sessions, kunak.dsn)
    async with open_senses(kunak) as senses:
        handlers = create_handlers(kunak, stops, senses)
        await asyncio.gather(run_jobs(kunak.dsn, handlers, options, stop), stops.run(stop))


@dataclass(frozen=True)
class Senses:
    """What is needed to see and hear what people send."""

    files: TelegramFiles
    ears: Ears | None


@asynccontextmanager
async def open_senses(kunak: Kunak) -> AsyncIterator[Senses]:
    """Closed at the end.

    Raises:
        InvalidInputError: the settings of transcription do not go together.
    """
    ears = open_ears(kunak.settings)
    files = HttpTelegramFiles(kunak.telegram, timeout_s=kunak.settings.telegram_timeout_s)
    try:
        yield Senses(files, ears)
    finally:
        if ears is not None:
            await ears.close()
        await files.close()


def create_handlers(kunak: Kunak, stops: Stops, senses: Senses | None = None) -> Handlers:
    """`stops`: by which this process hears that a person wants no more of an answer; `senses`: None for handlers that
    need none.
    """
    handlers = Handlers()
    pace = Pace(kunak.shared.people, kunak.settings.messages_per_minute)
    conversation = Conversation(_library(kunak, stops, senses), kunak.directory, makers=kunak.makers, pace=pace)
    MessagingJobs(
        ledger=kunak.ledger,
        directory=kunak.directory,
        telegram=kunak.telegram,
        responder=conversation,
        make_file=conversation.make_file,
        admin_chats=kunak.admin_chats,
        after_connecting=connected,
        public_url=kunak.settings.public_url,
        keep_days=kunak.settings.keep_messages_days,
    ).register(handlers)
    LanguageModelJobs(
        kunak.sessions, kunak.models, books=kunak.books, keep_days=kunak.settings.keep_messages_days
    ).register(handlers)
    SearchJobs(
        sessions=kunak.sessions,
        engine=kunak.engine,
        embedder=kunak.equipped.embedder,
        vector_index=vector_index_options(kunak.settings),
        copy_in=kunak.equipped.vector_index,
    ).register(handlers)
    ConversationJobs(
        kunak.sessions,
        kunak.directory,
        kunak.telegram,
        kunak.settings.keep_messages_days,
        model=kunak.models,
        history_tokens=kunak.settings.model_history_tokens,
        books=kunak.books,
    ).register(handlers)
    return handlers


def _library(kunak: Kunak, stops: Stops, senses: Senses | None) -> Library:
    return Library(
        kunak.sessions,
        kunak.reading,
        equipment=kunak.equipped.search,
        model=kunak.models,
        refiner_for=_open_refiner(kunak),
        telegram=kunak.telegram,
        history_tokens=kunak.settings.model_history_tokens,
        books=kunak.books,
        stage=Stage(
            Drafts(kunak.telegram),
            Previews(kunak.telegram, kunak.sessions, kunak.ledger.options.limits),
            stops,
        ),
        files=senses.files if senses else None,
        ears=senses.ears if senses else None,
    )


def _open_refiner(kunak: Kunak) -> Callable[[Spender], Refines] | None:
    """One memory for all, and whoever is in doubt pays for what was not in it."""
    if (model := kunak.models) is None:
        return None
    refiner = open_refiner(model)
    return lambda spender: refiner.by(
        CountedModel(model, kunak.sessions, kunak.books, purpose="intent", spender=spender)
    )
