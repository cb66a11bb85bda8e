"""A sandbox served by a real uvicorn on a free port, with two people and a bot."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from starlette.types import ASGIApp

from kunak.integrations.telegram.sandbox.sandbox import Sandbox
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot


@asynccontextmanager
async def serve(app: ASGIApp) -> AsyncIterator[str]:
    """The address of a running server."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # whoever comes before the server is ready waits for it
    config = uvicorn.Config(app, log_level="error", lifespan="off", access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


@dataclass
class Town:
    """Everything a scenario needs: the sandbox, its address, a bot with its client, Alice and Bob."""

    sandbox: Sandbox
    url: str
    http: httpx.AsyncClient
    bot: SandboxBot
    client: Bot
    alice: Person
    bob: Person

    @property
    def chat(self) -> Chat:
        return self.sandbox.private_chat(self.bot, self.alice)

    async def call(self, method: str, **params: object) -> httpx.Response:
        return await self.http.post(f"{self.url}/bot{self.bot.token}/{method}", json=params)

    async def refused(self, method: str, **params: object) -> tuple[int, str]:
        """Status and sentence of a refusal."""
        response = await self.call(method, **params)
        answer = response.json()
        assert answer["ok"] is False
        assert answer["error_code"] == response.status_code
        return response.status_code, answer["description"]

    async def done(self, method: str, **params: object) -> object:
        """The result of a call that goes well."""
        answer = (await self.call(method, **params)).json()
        assert answer["ok"], answer
        return answer["result"]


@asynccontextmanager
async def new_town(*, webhook_retry_base_s: float = 0.05) -> AsyncIterator[Town]:
    sandbox = Sandbox(webhook_retry_base_s=webhook_retry_base_s, seed=7)
    bot = sandbox.create_bot("town_bot", "Town")
    alice = sandbox.create_person("Alice", username="alice", language_code="ru")
    bob = sandbox.create_person("Bob")
    async with serve(sandbox.app) as url, httpx.AsyncClient(timeout=60) as http:
        session = AiohttpSession(api=TelegramAPIServer.from_base(url))
        client = Bot(bot.token, session=session)
        try:
            yield Town(sandbox, url, http, bot, client, alice, bob)
        finally:
            await session.close()
            await sandbox.close()


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with new_town() as town:
        yield town
