"""The process with the JSON API, under `/api/v1`; its description is at `/api/docs`."""

from http import HTTPStatus

from fastapi import APIRouter, FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import Route

from kunak import __version__
from kunak.features.search.api import search_api
from kunak.foundation.web.api_docs import api_docs_routes
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
_ERRORS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


def create_app(kunak: Kunak) -> FastAPI:
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
    v1 = APIRouter(prefix=V1, responses=documented(*_ERRORS))
    v1.include_router(search_api(kunak.reading, kunak.sessions, kunak.shared.once, kunak.equipped.search))
    app.include_router(v1)
    for path in ("/api", V1):
        app.router.routes.append(Route(path, RedirectResponse("/api/docs")))
    app.router.routes.extend([*api_docs_routes("/api/docs", DESCRIPTION), *health_routes(kunak)])
    return app
