"""The chat page: where a person talks to the sandbox's bots in a browser."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kunak.foundation.web.pages import Pages
from kunak.foundation.web.security import content_security_policy

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"

# Mini Apps live at addresses of their own, shown in a frame: HTTPS, or plain HTTP on this very machine.
_POLICY = content_security_policy(frame_src="'self' https: http://localhost:* http://127.0.0.1:*")


def chat_page_routes(pages: Pages, *, api_url: str, path: str = "/sandbox") -> list[Route]:
    """The page at `path`, speaking to the person's side of the sandbox under `api_url`.

    Needs `pages` with the area `sandbox` (`TEMPLATES`) and its assets (`STATIC`).
    """

    async def chat_page(request: Request) -> Response:
        headers = {"Content-Security-Policy": _POLICY}
        return pages.render(request, "sandbox/chat.html", headers=headers, api_url=api_url)

    return [Route(path, chat_page, name="chat_page"), Route(f"{path}/", chat_page)]
