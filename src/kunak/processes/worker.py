"""The process that works: answers messages, delivers, carries out effects, makes vectors."""

import asyncio
from datetime import timedelta

from kunak.features.conversations.jobs import ConversationJobs
from kunak.features.conversations.service import Conversation, Drafts, Stage, connected
from kunak.features.language_models.jobs import LanguageModelJobs
from kunak.features.language_models.service import CountedModel
from kunak.features.messaging.jobs import MessagingJobs
from kunak.features.messaging.service import Stops
from kunak.features.search.jobs import SearchJobs
from kunak.features.understanding.service import Refiner, open_refiner
from kunak.foundation.jobs.worker import Handlers, WorkerOptions, run_jobs
from kunak.processes.bootstrap import Kunak
from kunak.processes.equipment import vector_index_options


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
    await asyncio.gather(run_jobs(kunak.dsn, create_handlers(kunak, stops), options, stop), stops.run(stop))


def create_handlers(kunak: Kunak, stops: Stops) -> Handlers:
    """`stops`: by which this process hears that a person wants no more of an answer."""
    handlers = Handlers()
    MessagingJobs(
        ledger=kunak.ledger,
        directory=kunak.directory,
        telegram=kunak.telegram,
        responder=Conversation(
            kunak.sessions,
            kunak.reading,
            kunak.directory,
            equipment=kunak.equipped.search,
            refiner=_open_refiner(kunak),
            model=kunak.models,
            stage=Stage(Drafts(kunak.telegram), stops),
            books=kunak.books,
        ),
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
    ConversationJobs(kunak.sessions, kunak.directory, kunak.telegram, kunak.settings.keep_messages_days).register(
        handlers
    )
    return handlers


def _open_refiner(kunak: Kunak) -> Refiner | None:
    """What it asks belongs to nobody in particular: the installation pays."""
    if kunak.models is None:
        return None
    return open_refiner(CountedModel(kunak.models, kunak.sessions, kunak.books, purpose="intent"))
