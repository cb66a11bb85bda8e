"""The process that reads sources when they are due, keeps word frequencies fresh, and makes vectors for who asks."""

import asyncio
import logging
from datetime import timedelta

from fastapi import FastAPI

from kunak import __version__
from kunak.features.ingestion.api import embed_api
from kunak.features.search import service as search
from kunak.foundation.clock import sleep_unless
from kunak.foundation.jobs.worker import Handlers, WorkerOptions, run_jobs
from kunak.foundation.web.api_key import key_gate
from kunak.foundation.web.body_limit import BodyLimit
from kunak.foundation.web.json_errors import documented, speak_json
from kunak.foundation.web.rate_limit import RateLimit
from kunak.foundation.web.security import SecurityHeaders
from kunak.processes.api import ANY_REQUEST, LARGEST_REQUEST
from kunak.processes.bootstrap import Kunak
from kunak.processes.health import health_routes

log = logging.getLogger(__name__)

_EVERY_S = 60.0


def create_app(kunak: Kunak) -> FastAPI:
    """Answers how the process is, and `/embed`."""
    app = FastAPI(title="Kunak: vectors", version=__version__, docs_url=None, redoc_url=None)
    most = kunak.settings.api_rate_per_address
    app.add_middleware(RateLimit, most=most, path="/embed", counter=kunak.shared.counter)
    speak_json(app)
    app.add_middleware(BodyLimit, most=LARGEST_REQUEST)
    app.add_middleware(SecurityHeaders)
    app.include_router(
        embed_api(kunak.equipped.embedder, key_gate(kunak.settings.api_key)), responses=documented(*ANY_REQUEST)
    )
    app.router.routes.extend(health_routes(kunak))
    return app


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
    async with open_outside(settings, kunak.sessions, open_account=reopened_account(kunak)) as outside:
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
