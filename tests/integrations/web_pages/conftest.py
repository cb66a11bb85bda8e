"""A web server of our own, and the client that may ask it."""

from collections.abc import AsyncIterator, Callable

import pytest
from tests.peers.web_server import WebServer, web_server

from kunak.integrations.web_pages.addresses import Allowed
from kunak.integrations.web_pages.client import HttpWebPages, WebLimits

QUICK = {"pause_s": 0.0, "first_pause_s": 0.0, "total_s": 60.0, "stall_s": 60.0}
OpenWeb = Callable[..., HttpWebPages]


@pytest.fixture
async def town() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


@pytest.fixture
async def open_web() -> AsyncIterator[OpenWeb]:
    """Opens a client; limits may be given by name, `allow` and `resolve` too."""
    opened: list[HttpWebPages] = []

    def open_one(*, allow: str = "127.0.0.0/8", resolve: object = None, **given: float) -> HttpWebPages:
        limits = WebLimits(**(QUICK | given))  # type: ignore[arg-type]  # numbers, by the names of its fields
        more = {"resolve": resolve} if resolve else {}
        web = HttpWebPages(allowed=Allowed.parse(allow), contact="https://kunak.example", limits=limits, **more)  # type: ignore[arg-type]  # as above
        opened.append(web)
        return web

    yield open_one
    for each in opened:
        await each.close()


@pytest.fixture
def web(open_web: OpenWeb) -> HttpWebPages:
    return open_web()
