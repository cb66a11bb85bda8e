"""The processes, opened one by one for `kunak run`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette

from kunak.foundation.settings import Settings
from kunak.processes import api, bot, ingest, web, worker
from kunak.processes.assembly import Part
from kunak.processes.bootstrap import Kunak, open_kunak
from kunak.processes.health import health_routes
from kunak.processes.sandbox_address import find_sandbox


@asynccontextmanager
async def open_part(name: str, settings: Settings, database_url: str) -> AsyncIterator[Part]:
    """One of them, wired. Without an app of its own it answers how it is."""
    async with open_kunak(settings, database_url=database_url, sandbox_base=find_sandbox(settings)) as kunak:
        match name:
            case "api":
                yield Part(api.create_app(kunak))
            case "bot":
                yield Part(bot.create_app(kunak), [partial(bot.run, kunak)])
            case "web":
                yield Part(web.create_app(kunak))
            case "worker":
                yield Part(_health(kunak), [partial(worker.run, kunak)])
            case "ingest":
                yield Part(ingest.create_app(kunak), [partial(ingest.run, kunak)])


def _health(kunak: Kunak) -> Starlette:
    return Starlette(routes=health_routes(kunak))
