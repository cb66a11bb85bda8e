"""A request is sent again only when nobody can have read it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kunak.foundation.errors import KunakError
from kunak.integrations import kept_connections
from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.connection import Connection
from kunak.integrations.model_endpoint.client import JsonEndpoint

Ask = Callable[[], Awaitable[Any]]


@asynccontextmanager
async def endpoint(url: str) -> AsyncIterator[Ask]:
    client = JsonEndpoint(f"{url}v1/embeddings")
    yield lambda: client.post({"input": "snow"})
    await client.close()


@asynccontextmanager
async def provider(url: str) -> AsyncIterator[Ask]:
    connection = Connection(ProviderAccess("alice", f"{url}v1", "any", ModelProtocol.CHAT))

    async def ask() -> Any:
        async with await connection.ask("POST", "chat/completions", b"{}", 5.0) as response:
            return await response.json()

    yield ask
    await connection.close()


@pytest.mark.parametrize("client", [endpoint, provider])
@pytest.mark.parametrize(
    ("answers_first", "works_s", "times"), [(True, 0.0, 3), (True, 0.5, 2), (False, 0.0, 1), (False, 0.5, 1)]
)
async def test_only_what_breaks_at_once_on_a_kept_connection_is_sent_again(
    client: Any, monkeypatch: pytest.MonkeyPatch, *, answers_first: bool, works_s: float, times: int
) -> None:
    seconds, asked = [1000.0], 0
    monkeypatch.setattr(kept_connections, "_clock", lambda: seconds[0])

    async def answer(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await request.read()
        if asked == 1 + answers_first:
            seconds[0] += works_s
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({})

    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    async with TestServer(application) as server, client(str(server.make_url("/"))) as ask:
        if answers_first:
            assert await ask() == {}
        if times == 3:
            assert await ask() == {}
        else:
            with pytest.raises(KunakError):
                await ask()
    assert asked == times
