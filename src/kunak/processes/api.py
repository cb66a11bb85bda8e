"""The process with the JSON API, under `/api/v1`; its description is at `/api/docs`."""

import asyncio

from fastapi import APIRouter, FastAPI

from kunak import __version__
from kunak.features.search.api import search_api
from kunak.foundation.web.json_errors import speak_json
from kunak.processes.bootstrap import Kunak
from kunak.processes.health import health_routes


def create_app(kunak: Kunak) -> FastAPI:
    app = FastAPI(
        title="Kunak", version=__version__, docs_url="/api/docs", redoc_url=None, openapi_url="/api/openapi.json"
    )
    speak_json(app)
    v1 = APIRouter(prefix="/api/v1")
    v1.include_router(search_api(kunak.sessions))
    app.include_router(v1)
    app.router.routes.extend(health_routes(kunak))
    return app


async def run(_: Kunak, stop: asyncio.Event) -> None:
    """Requests are all the work there is."""
    await stop.wait()
