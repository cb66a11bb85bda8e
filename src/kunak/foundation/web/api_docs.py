"""The API's reference as a page: Swagger UI, served by ourselves."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kunak.foundation.web.assets import Assets
from kunak.foundation.web.pages import Pages
from kunak.foundation.web.security import content_security_policy

# Swagger UI writes a few styles into the page itself.
_POLICY = content_security_policy(style_src="'self' 'unsafe-inline'")


def api_docs_routes(path: str, description_url: str) -> list[BaseRoute]:
    """The page at `path`, and its scripts and styles below it, so that it stands with the API process alone."""
    pages = Pages(Assets(under=f"{path}/static"))

    async def reference(request: Request) -> Response:
        return pages.render(
            request,
            "web/api_docs.html",
            headers={"Content-Security-Policy": _POLICY},
            description_url=description_url,
        )

    return [Route(path, reference), pages.assets.route()]
