"""The front page: what Kunak is, and where to go from here."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kunak.foundation.web.pages import Pages

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"


def landing_routes(pages: Pages, *, sandbox_url: str | None, api_docs_url: str | None) -> list[Route]:
    """`/`. Needs `pages` with the area `landing` (`TEMPLATES`) and its assets (`STATIC`); None hides a link."""

    async def front_page(request: Request) -> Response:
        return pages.render(request, "landing/front.html", sandbox_url=sandbox_url, api_docs_url=api_docs_url)

    return [Route("/", front_page, name="front_page")]
