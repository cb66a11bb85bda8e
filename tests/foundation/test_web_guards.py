"""Who may speak to us, and how much at once."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from kunak.foundation.web.body_limit import BodyLimit
from kunak.foundation.web.own_hosts import OwnHosts


async def count(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


APP = Starlette(routes=[Route("/", count, methods=["POST"])])


async def post(app: ASGIApp, content: bytes | AsyncIterator[bytes], host: str = "kunak.test") -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://kunak.test") as client:
        return await client.post("/", content=content, headers={"Host": host})


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 1000


async def test_a_body_within_the_limit_is_read() -> None:
    app = Starlette(routes=APP.routes)
    app.add_middleware(BodyLimit, most=10)
    assert (await post(app, b"0123456789")).text == "10"


@pytest.mark.parametrize("endlessly", [False, True])
async def test_more_than_the_limit_is_refused_before_it_is_read(*, endlessly: bool) -> None:
    app = Starlette(routes=APP.routes)
    app.add_middleware(BodyLimit, most=10)
    assert (await post(app, endless() if endlessly else b"x" * 11)).status_code == 413


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:3000", 200),
        ("127.0.0.1", 200),
        ("[::1]:3000", 200),
        ("Town.Example.org", 200),
        ("evil.example.org", 421),
        ("localhost.evil.example.org", 421),
        ("127.0.0.1.evil.example.org:3000", 421),
        ("", 421),
    ],
)
async def test_only_our_own_names_are_answered(host: str, status: int) -> None:
    assert (await post(OwnHosts(APP, ["town.example.org"]), b"", host)).status_code == status
