"""The process that reads sources when they are due, and keeps word frequencies fresh."""

import asyncio
import logging
from datetime import timedelta

from kunak.features.search import service as search
from kunak.foundation.clock import sleep_unless
from kunak.foundation.jobs.worker import Handlers, WorkerOptions, run_jobs
from kunak.processes.bootstrap import Kunak

log = logging.getLogger(__name__)

_EVERY_S = 60.0


async def run(kunak: Kunak, stop: asyncio.Event) -> None:
    """Run the jobs of ingestion, and count words anew when the index has grown, until `stop`."""
    # Imported by this process alone: what takes pages apart costs tens of megabytes.
    from kunak.features.ingestion.jobs import IngestionJobs  # noqa: PLC0415  see above
    from kunak.processes.outside import open_outside  # noqa: PLC0415  see above
    from kunak.processes.telegram_account import follow_account, reopened_account  # noqa: PLC0415  see above

    settings = kunak.settings
    options = WorkerOptions(
        concurrency=settings.ingest_concurrency,
        heartbeat=timedelta(seconds=settings.lease_s),
        first_pause=timedelta(seconds=settings.retry_base_s),
        longest_pause=timedelta(seconds=settings.retry_max_s),
    )
    handlers = Handlers()
    async with open_outside(settings, open_account=reopened_account(kunak)) as outside:
        IngestionJobs(kunak.sessions, outside, stop).register(handlers)
        await asyncio.gather(
            run_jobs(kunak.dsn, handlers, options, stop),
            follow_account(kunak, outside, stop),
            _refresh_lexicon(kunak, stop),
        )


async def _refresh_lexicon(kunak: Kunak, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            async with kunak.sessions.begin() as session:
                await search.refresh_lexicon(session)
        except Exception as error:  # noqa: BLE001  the database may be away; the next round tries again
            log.warning("ingest: word frequencies were not refreshed (%s)", type(error).__name__)
        await sleep_unless(_EVERY_S, stop)
