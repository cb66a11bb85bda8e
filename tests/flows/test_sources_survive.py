"""Whoever reads sources is ended again and again; what is there at last is what an undisturbed reading brings."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from kunak.features.ingestion.schemas import Wish
from kunak.foundation.db.engine import create_engine, create_sessions
from kunak.foundation.settings import Settings
from kunak.processes.bootstrap import open_kunak
from kunak.processes.commands import sources as commands
from tests.flows.test_sources import article, rss
from tests.peers.telegram_preview import Channel
from tests.peers.web_server import Asked, WebServer, web_server

CHILD = """
import asyncio, sys
from kunak.foundation.settings import Settings
from kunak.processes.bootstrap import open_kunak
from kunak.processes.commands.sources import ingest

async def main(url):
    async with open_kunak(Settings(), database_url=url) as kunak:
        report = lambda source, _: print("kept", source.id, flush=True)
        await ingest(kunak, report=report, watch=False, stop=asyncio.Event())

asyncio.run(main(sys.argv[1]))
"""
pytestmark = pytest.mark.timeout(400)  # each kill costs a start of Python with all its libraries
DOCUMENTS = """SELECT sources.key, external_id, documents.title, documents.text, documents.url, documents.published_at,
    documents.language, content_hash, search_entries.reference, words::text
    FROM documents JOIN sources ON sources.id = source_id
    FULL JOIN search_entries ON thing_id = documents.id FULL JOIN search_words ON entry_id = search_entries.id
    ORDER BY 1, 2, passage"""
SOURCES = "SELECT key, fetched > 0, added, failures, next_at > now() FROM sources ORDER BY key"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("survive")


@pytest.fixture(scope="module")
async def town(folder: Path) -> AsyncIterator[WebServer]:
    """A feed, a long channel, a site of articles; and beside it an export."""
    async with web_server() as server:
        server.put("/feed.xml", rss(*((str(n), f"Новость {n}") for n in range(900))), "text/xml")
        Channel("selo", "Вести села", {n: f"Пост {n}" for n in range(1, 260)}).serve(server)
        links = "".join(f'<h2><a href="/a{n}">Длинный заголовок статьи {n}</a></h2>' for n in range(12))
        server.put("/news/", f"<html><body>{links}</body></html>")
        for n in range(12):
            server.put(f"/a{n}", article(f"Статья {n}"))
        messages = [
            {"id": n, "type": "message", "date_unixtime": "1700000000", "text": f"Слово {n}"} for n in range(999)
        ]
        chat = {"name": "Выгрузка", "type": "public_channel", "id": 77, "messages": messages}
        (folder / "result.json").write_text(json.dumps(chat))
        yield server


def environment(town: WebServer, folder: Path) -> dict[str, str]:
    return {
        "KUNAK_DATA_DIR": str(folder / "data"),
        "KUNAK_FETCH_ALLOW_PRIVATE": "127.0.0.1",
        "KUNAK_FETCH_PAUSE_S": "0",
        "KUNAK_TELEGRAM_PREVIEW_BASE": town.base,
    }


async def add_all(url: str, town: WebServer, folder: Path) -> None:
    given = {name.removeprefix("KUNAK_").lower(): value for name, value in environment(town, folder).items()}
    async with open_kunak(Settings(**given), database_url=url) as kunak:  # type: ignore[arg-type]  # texts, as from outside
        for address in (f"{town.base}/feed.xml", "@selo", f"{town.base}/news/", str(folder / "result.json")):
            await commands.add_source(kunak, address, Wish())


class Reader:
    """A real process that reads everything that is due."""

    def __init__(self, url: str, town: WebServer, folder: Path) -> None:
        self._arguments = (sys.executable, "-c", CHILD, url)
        self._environment = os.environ | environment(town, folder) | {"DATABASE_URL": url}

    async def start(self) -> asyncio.subprocess.Process:
        return await self._start(*self._arguments)

    async def start_command(self) -> asyncio.subprocess.Process:
        """`kunak ingest`, as a person runs it."""
        return await self._start(sys.executable, "-m", "kunak", "ingest", "--json")

    async def _start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *arguments, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    async def run(self) -> None:
        process = await self.start()
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()


async def contents(url: str) -> tuple[list[Any], list[Any]]:
    engine = create_engine(url)
    try:
        async with create_sessions(engine)() as session:
            documents = [tuple(row) for row in await session.execute(text(DOCUMENTS))]
            return documents, [tuple(row) for row in await session.execute(text(SOURCES))]
    finally:
        await engine.dispose()


@pytest.fixture(scope="module")
async def undisturbed(database_url_of_file: str, town: WebServer, folder: Path) -> tuple[list[Any], list[Any]]:
    await add_all(database_url_of_file, town, folder)
    await Reader(database_url_of_file, town, folder).run()
    return await contents(database_url_of_file)


async def test_ended_while_it_waits_for_a_page(
    database_url: str, undisturbed: tuple[list[Any], list[Any]], town: WebServer, folder: Path
) -> None:
    await add_all(database_url, town, folder)
    reader, killed = Reader(database_url, town, folder), 0
    for request in (3, 9):
        process = await reader.start()
        killed += await end_at_request(process, town, request, signal.SIGKILL)
    ctrl_c = await reader.start_command()
    killed += await end_at_request(ctrl_c, town, 8, signal.SIGINT)
    assert ctrl_c.returncode == 0
    await reader.run()
    assert killed >= 2  # whoever was too quick for it had nothing left to read
    assert await contents(database_url) == undisturbed


async def end_at_request(
    process: asyncio.subprocess.Process, town: WebServer, number: int, how: signal.Signals
) -> bool:
    """Sends it a signal when it has asked so often and has had no answer; tells whether it came to that."""
    asked, reached, serve = 0, asyncio.Event(), town.pages.copy()

    def counting(request: Asked) -> Any:
        nonlocal asked
        asked += 1
        if asked == number:
            process.send_signal(how)
            reached.set()
        page = serve[request.path.partition("?")[0]]
        return page(request) if callable(page) else page

    town.pages.update(dict.fromkeys(serve, counting))
    await process.communicate()
    town.pages.update(serve)
    return reached.is_set()


async def test_killed_right_after_a_step_was_kept(
    database_url: str, undisturbed: tuple[list[Any], list[Any]], town: WebServer, folder: Path
) -> None:
    await add_all(database_url, town, folder)
    reader = Reader(database_url, town, folder)
    for steps in (1, 6):
        process = await reader.start()
        assert process.stdout is not None
        for _ in range(steps):
            await process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        await process.communicate()
    await reader.run()
    assert await contents(database_url) == undisturbed
