"""Several processes read sources of one host: together they are as polite as one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kunak.features.ingestion import service as ingestion
from kunak.foundation.db.engine import create_engine, create_sessions
from kunak.integrations.web_pages.addresses import Allowed
from kunak.integrations.web_pages.client import HttpWebPages, WebLimits
from kunak.integrations.web_pages.interface import PageUnavailableError
from tests.peers.web_server import Answer, Asked, WebServer, web_server


@asynccontextmanager
async def process(url: str) -> AsyncIterator[HttpWebPages]:
    """What a process of its own has: connections and turns, and nothing in common with others but the database."""
    engine = create_engine(url, pool_size=2)
    turns = ingestion.SharedTurns(create_sessions(engine))
    web = HttpWebPages(allowed=Allowed.parse("127.0.0.1"), limits=WebLimits(pause_s=0.01, tries=2), turns=turns)
    try:
        yield web
    finally:
        await web.close()
        await engine.dispose()


@pytest.fixture
async def town() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


async def test_one_request_at_a_time(database_url: str, town: WebServer) -> None:
    address = town.put("/page", "<p>Мост")
    async with process(database_url) as alice, process(database_url) as bob:
        await asyncio.gather(*(each.fetch(address) for each in (alice, bob) * 4))
    assert (town.count("/page"), town.most_open) == (8, 1)


async def test_who_is_asked_to_wait_asks_for_the_others_too(database_url: str, town: WebServer) -> None:
    address = town.put_answer("/page", Answer(status=429, headers={"Retry-After": "3600"}))
    async with process(database_url) as alice, process(database_url) as bob:
        for each in (alice, bob):
            with pytest.raises(PageUnavailableError) as refused:
                await each.fetch(address)
            assert 3500 < (refused.value.retry_after or 0) <= 3600
    assert town.count("/page") == 1


async def test_who_is_broken_off_keeps_nobody_waiting(database_url: str, town: WebServer) -> None:
    reached = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        reached.set()
        yield b"<p>"
        await asyncio.Event().wait()

    def first_endless(_: Asked) -> Answer:
        return Answer(endless()) if town.count("/page") == 1 else Answer("<p>Мост")  # type: ignore[arg-type]  # a generator

    address = town.put_answer("/page", first_endless)
    async with process(database_url) as alice, process(database_url) as bob:
        reading = asyncio.create_task(alice.fetch(address))
        await reached.wait()
        reading.cancel()
        assert (await bob.fetch(address)).body.decode() == "<p>Мост"
        assert (await alice.fetch(address)).body.decode() == "<p>Мост"
