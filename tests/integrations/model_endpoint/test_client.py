"""What comes back from an address: JSON, or an error of a known kind without the key in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kunak.foundation.errors import ErrorClass, KunakError
from kunak.integrations import kept_connections
from kunak.integrations.model_endpoint import client
from kunak.integrations.model_endpoint.client import JsonEndpoint

KEY = "sk-alices-secret"
Ask = Callable[[int, Any], Awaitable[Any]]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """Asks a server that answers with this status and this body (JSON, or bytes as they are)."""
    answers: list[tuple[int, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        status, body = answers.pop()
        return (
            web.Response(status=status, body=body)
            if isinstance(body, bytes)
            else web.json_response(body, status=status)
        )

    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    async with TestServer(application) as server:
        endpoint = JsonEndpoint(str(server.make_url("/v1")), key=f" {KEY}\n")

        async def ask_it(status: int, body: Any) -> Any:
            answers.append((status, body))
            return await endpoint.post({"input": "snow"})

        yield ask_it
        await endpoint.close()


async def test_a_kept_connection_that_the_server_closes_costs_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_connections, "_clock", lambda: 0.0)  # however slow we are
    served: set[object] = set()

    async def answer(request: web.Request) -> web.Response:
        if request.transport in served and request.transport is not None:
            request.transport.abort()
        served.add(request.transport)
        return web.json_response({"data": []})

    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    async with TestServer(application) as server:
        endpoint = JsonEndpoint(str(server.make_url("/v1")))
        for _ in range(3):
            assert await endpoint.post({"input": "snow"}) == {"data": []}
        await endpoint.close()
    assert len(served) == 3


@pytest.mark.parametrize("body", [{"data": []}, [], {"data": [], "error": None}])
async def test_the_answer_comes_back(ask: Ask, body: Any) -> None:
    assert await ask(200, body) == body


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (200, b"<html>welcome</html>", ErrorClass.RETRYABLE),
        (200, b"", ErrorClass.RETRYABLE),
        (200, {"error": {"message": "overloaded"}}, ErrorClass.RETRYABLE),
        (200, {"error": {"message": "bad key", "code": 401}}, ErrorClass.FATAL),
        (200, {"error": {"message": "too long", "code": 400}}, ErrorClass.TERMINAL),
        (502, b"<html>bad gateway</html>", ErrorClass.RETRYABLE),
        (401, b"\xff\xfe", ErrorClass.FATAL),
        (400, {"error": {"message": f"odd header: Bearer {KEY}"}}, ErrorClass.TERMINAL),
    ],
)
async def test_what_is_no_answer_is_an_error_of_its_kind(ask: Ask, status: int, body: Any, wanted: ErrorClass) -> None:
    with pytest.raises(KunakError) as raised:
        await ask(status, body)
    assert raised.value.error_class is wanted
    assert KEY not in repr(raised.value)


async def test_an_endless_answer_is_not_read_to_its_end(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_LARGEST_ANSWER", 1000)
    with pytest.raises(KunakError, match="more than 1000 bytes"):
        await ask(200, b"[" + b" " * 5000)
