"""The process with the JSON API, under `/api/v1`; its description is at `/api/docs`."""

from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import Route

from kunak import __version__
from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.api import LookAt, embed_api, sources_api
from kunak.features.ingestion.schemas import Preview, Wish
from kunak.features.search.api import search_api
from kunak.foundation.web.api_docs import api_docs_routes
from kunak.foundation.web.api_key import key_gate
from kunak.foundation.web.body_limit import BodyLimit
from kunak.foundation.web.json_errors import documented, speak_json
from kunak.foundation.web.rate_limit import RateLimit
from kunak.foundation.web.security import SecurityHeaders
from kunak.processes.bootstrap import Kunak
from kunak.processes.health import health_routes

DESCRIPTION = "/api/openapi.json"
LARGEST_REQUEST = 2**20
V1 = "/api/v1"
_ABOUT = """
Every answer names its request in `X-Request-ID`: yours, when you send one of letters, digits, `.`, `_` and `-`.
`Server-Timing` says how many milliseconds each stage took. `RateLimit` says how many requests are left to your address,
and for how many seconds; after a 429 come back when `Retry-After` says.
"""
ANY_REQUEST = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""How any request may end that is refused."""


def create_app(kunak: Kunak, *, look_at: LookAt | None = None) -> FastAPI:
    """`look_at`: what looks at the addresses of sources to be, in place of the web."""
    app = FastAPI(
        title="Kunak",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=DESCRIPTION,
    )
    app.add_middleware(RateLimit, most=kunak.settings.api_rate_per_address, path=f"{V1}/", counter=kunak.shared.counter)
    speak_json(app)
    app.add_middleware(BodyLimit, most=LARGEST_REQUEST)
    app.add_middleware(SecurityHeaders)
    v1 = APIRouter(prefix=V1, responses=documented(*ANY_REQUEST))
    v1.include_router(search_api(kunak.reading, kunak.sessions, kunak.shared.once, kunak.equipped.search))
    gate = key_gate(kunak.settings.api_key)
    v1.include_router(sources_api(kunak.sessions, look_at or partial(_look_at, kunak), gate))
    v1.include_router(embed_api(kunak.equipped.embedder, gate))
    app.include_router(v1)
    for path in ("/api", V1):
        app.router.routes.append(Route(path, RedirectResponse("/api/docs")))
    app.router.routes.extend([*api_docs_routes("/api/docs", DESCRIPTION), *health_routes(kunak)])
    return app


async def _look_at(kunak: Kunak, address: str, wish: Wish) -> Preview:
    from kunak.processes.outside import open_outside  # noqa: PLC0415  few look, and what they look with is large
    from kunak.processes.telegram_account import reopened_account  # noqa: PLC0415  as above

    async with open_outside(kunak.settings, kunak.sessions, open_account=reopened_account(kunak)) as outside:
        return await ingestion.preview(address, outside, wish=wish)
