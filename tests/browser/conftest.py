"""A browser, a sandbox it looks at, and a small bot that answers; all in one event loop."""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from kunak.foundation.web.app import create_web_app
from kunak.foundation.web.assets import Assets
from kunak.foundation.web.pages import Pages
from kunak.integrations.telegram.sandbox.page.routes import STATIC, TEMPLATES, chat_page_routes
from kunak.integrations.telegram.sandbox.sandbox import Sandbox
from kunak.integrations.telegram.sandbox.state import SandboxBot

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

LONG_MS = 60_000  # nobody waits for so long, unless something has not happened that should have
expect.set_options(timeout=LONG_MS)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium: the one named by KUNAK_TEST_CHROMIUM, else the system's."""
    path = os.environ.get("KUNAK_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium was found: install it, or name it in KUNAK_TEST_CHROMIUM")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh visitor who reads English. A broken script or a breach of the page's policy fails the test."""
    context = await browser.new_context(
        locale="en-GB",
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",  # a click meets what stands still
    )
    context.set_default_timeout(LONG_MS)
    troubles: list[str] = []
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("console", lambda told: troubles.append(told.text) if "Content Security Policy" in told.text else None)
    yield context
    await context.close()
    assert troubles == []


class House:
    """A sandbox with its page on a port. `restart` ends the process's memory and begins anew on the same port."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.bots: list[tuple[str, str, str]] = []
        self.sandbox = Sandbox()

    def add_bot(self, username: str, name: str) -> SandboxBot:
        bot = self.sandbox.create_bot(username, name)
        self.bots.append((bot.token, username, name))
        return bot

    async def start(self) -> None:
        config = uvicorn.Config(
            self._app(), log_level="critical", lifespan="off", timeout_graceful_shutdown=0, access_log=False
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve([self._listening.dup()]))

    async def stop(self) -> None:
        self._server.should_exit = True
        await self._serving
        await self.sandbox.close()

    async def restart(self) -> None:
        await self.stop()
        self.sandbox = Sandbox(bots=self.bots)
        await self.start()

    def close(self) -> None:
        self._listening.close()

    def _app(self) -> Starlette:
        pages = Pages(Assets(sandbox=STATIC), sandbox=TEMPLATES)
        page = chat_page_routes(pages, api_url="/sandbox/api")
        return create_web_app([*page, Mount("/sandbox", self.sandbox.app)], pages)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    await house.start()
    yield house
    await house.stop()
    house.close()


class BotProgram:
    """A bot by plain getUpdates, as any program would write it. Subclasses answer in `on_message` and `on_button`."""

    def __init__(self, house: House, bot: SandboxBot) -> None:
        self.bot = bot
        self._client = httpx.AsyncClient(base_url=f"{house.address}/sandbox/bot{bot.token}", timeout=60)
        self.stopped_drafts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def call(self, method: str, **params: object) -> Any:
        answer = (await self._client.post(f"/{method}", json=params)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def run(self) -> None:
        offset = 0
        while True:
            try:
                updates = await self.call("getUpdates", offset=offset, timeout=20)
            except (httpx.HTTPError, ValueError):  # the sandbox is being restarted; its port stays open meanwhile
                continue
            for update in updates:
                offset = update["update_id"] + 1
                await self.take(update)

    async def take(self, update: dict[str, Any]) -> None:
        if message := update.get("message"):
            await self.on_message(message["chat"]["id"], message.get("text", ""))
        if query := update.get("callback_query"):
            await self.on_button(query)
        if stopped := update.get("stopped_message_generation"):
            self.stopped_drafts.put_nowait(stopped)

    async def on_message(self, chat_id: int, text: str) -> None:
        await self.call("sendMessage", chat_id=chat_id, text=f"You said: {text}")

    async def on_button(self, query: dict[str, Any]) -> None:
        await self.call("answerCallbackQuery", callback_query_id=query["id"], text=f"Chosen: {query['data']}")

    async def close(self) -> None:
        await self._client.aclose()


@contextlib.asynccontextmanager
async def running(program: BotProgram) -> AsyncIterator[BotProgram]:
    task = asyncio.create_task(program.run())
    try:
        yield program
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await program.close()


@pytest.fixture
async def echo(house: House) -> AsyncIterator[BotProgram]:
    """A bot that says back what it hears."""
    async with running(BotProgram(house, house.add_bot("echo_bot", "Echo"))) as program:
        yield program


@pytest.fixture
async def page(context: BrowserContext, house: House) -> Page:
    """The chat page as Alice opens it for the first time."""
    page = await context.new_page()
    await page.goto(f"{house.address}/sandbox")
    await page.get_by_label("Name", exact=True).fill("Alice")
    await page.get_by_role("button", name="Begin").click()
    return page
