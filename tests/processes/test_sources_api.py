"""Sources over the API: Alice, who has the key, adds, reads and removes one; Charlie, who has not, may nothing."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from tests.flows.test_sources import rss
from tests.peers.web_server import Answer, WebServer, web_server
from tests.processes.fuzzing import try_to_break

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.jobs import IngestionJobs
from kunak.features.ingestion.schemas import Contents, NewSource, Preview, SourceKind, Wish
from kunak.foundation.jobs.worker import Handlers
from kunak.foundation.settings import Settings
from kunak.integrations.embeddings.fake import FakeEmbeddings
from kunak.processes import ingest
from kunak.processes.api import create_app
from kunak.processes.bootstrap import Kunak, open_kunak
from kunak.processes.outside import open_outside

KEY = {"Authorization": "Bearer a-long-random-text"}


def settings(folder: Path) -> Settings:
    return Settings(
        data_dir=folder, api_key=SecretStr("a-long-random-text"), fetch_allow_private="127.0.0.1", fetch_pause_s=0
    )


@pytest.fixture
async def kunak(database_url: str, tmp_path: Path, quick_outside: None) -> AsyncIterator[Kunak]:
    async with open_kunak(settings(tmp_path), database_url=database_url) as kunak:
        yield kunak


@pytest.fixture
async def api(kunak: Kunak) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(kunak))
    async with httpx.AsyncClient(transport=transport, base_url="http://kunak/api/v1", headers=KEY) as client:
        yield client


@pytest.fixture
async def town() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        server.put("/feed.xml", rss(("1", "Мост открыт"), ("2", "Рынок закрыт")), "text/xml")
        yield server


def sentence(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["message"])


async def test_alice_adds_a_feed_looks_at_it_and_removes_it(
    api: httpx.AsyncClient, kunak: Kunak, town: WebServer
) -> None:
    address = {"address": f"{town.base}/feed.xml"}
    seen = (await api.post("/sources/preview", json=address, params={"limit": 1})).json()
    assert (seen["kind"], seen["posts_seen"], [post["title"] for post in seen["posts"]]) == ("rss", 2, ["Мост открыт"])
    assert (await api.get("/sources")).json() == {"sources": []}
    added = await api.post("/sources", json={**address, "title": "Вести", "every_minutes": 15, "keep_days": 90})
    assert added.status_code == 201
    source = added.json()["source"]
    assert (source["title"], source["every_s"], source["keep_days"], source["state"]) == ("Вести", 900, 90, "active")
    assert (await api.post("/sources", json=address)).status_code == 409

    one = f"/sources/{source['id']}"
    assert (await api.post(f"{one}/run")).status_code == 202
    await do_jobs(kunak)
    read = (await api.get(one)).json()
    assert (read["counters"]["added"], read["failures"], read["error"]) == (2, 0, None)
    assert (await api.post(f"{one}/pause")).json()["state"] == "paused"
    assert (await api.post(f"{one}/run")).status_code == 409
    assert (await api.post(f"{one}/resume")).json()["state"] == "active"

    removing = await api.delete(one)
    assert (removing.status_code, removing.json()["state"]) == (202, "removing")
    assert (await api.post(f"{one}/resume")).status_code == 409
    await do_jobs(kunak)
    assert (await api.get(one)).status_code == 404
    async with kunak.sessions() as session:
        assert await ingestion.count_documents(session, up_to=0) == (0, 0)
        events = await session.scalars(text("SELECT what FROM events WHERE actor = 'api' ORDER BY id"))
        assert list(events) == [f"source.{what}" for what in ("added", "wanted", "paused", "resumed", "removed")]


async def do_jobs(kunak: Kunak) -> None:
    """What the process `ingest` would do now."""
    handlers = Handlers()
    async with open_outside(kunak.settings) as outside:
        IngestionJobs(kunak.sessions, outside, asyncio.Event()).register(handlers)
        async with kunak.sessions.begin() as session:
            waiting = list(await session.scalars(text("DELETE FROM pgqueuer RETURNING payload")))
        assert len(waiting) == 1
        await handlers.handle(waiting[0])


@pytest.mark.parametrize(
    ("address", "status", "begins"),
    [
        ("http://169.254.169.254/latest", 400, "169.254.169.254 is not on the public internet"),
        ("/etc/passwd", 400, "There is no file /etc/passwd, and it is no address either."),
        ("file:///etc/passwd", 400, "Only addresses with http:// or https://"),
        ("@no", 400, "no is no name of a channel"),
        ("http://nobody.invalid/feed", 400, "There is no host nobody.invalid"),
        ("http://127.0.0.1:{port}/nothing", 400, "127.0.0.1 answers 404"),
        ("http://127.0.0.1:{port}/moved", 400, "10.0.0.1 is not on the public internet"),
        ("", 422, "address: "),
    ],
)
async def test_what_cannot_be_read_is_told_in_a_sentence(
    api: httpx.AsyncClient, town: WebServer, address: str, status: int, begins: str
) -> None:
    town.put_answer("/moved", Answer(status=302, headers={"Location": "http://10.0.0.1/"}))
    for path in ("/sources", "/sources/preview"):
        answer = await api.post(path, json={"address": address.format(port=town.port)})
        assert (answer.status_code, sentence(answer)[: len(begins)]) == (status, begins)
    assert (await api.get("/sources")).json() == {"sources": []}


async def test_a_site_that_is_away_says_why_and_until_when(api: httpx.AsyncClient, town: WebServer) -> None:
    town.put_answer("/busy", Answer(status=429, headers={"Retry-After": "120"}))
    answer = await api.post("/sources/preview", json={"address": f"{town.base}/busy"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "120")
    assert sentence(answer) == "127.0.0.1 answers 429 just now."


async def test_without_the_key_nothing_is_told(api: httpx.AsyncClient, kunak: Kunak) -> None:
    del api.headers["Authorization"]
    for given in ({}, {b"Authorization": b"Bearer another"}, {b"Authorization": "Bearer ключ".encode()}):
        refused = await api.get("/sources", headers=given)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert (await api.post("/embed", json={"texts": ["мост"]}, headers=given)).status_code == 401
    for key in (None, SecretStr("  ")):
        closed = dataclasses.replace(kunak, settings=kunak.settings.model_copy(update={"api_key": key}))
        transport = httpx.ASGITransport(create_app(closed))
        async with httpx.AsyncClient(transport=transport, base_url="http://kunak") as any_one:
            answer = await any_one.delete("/api/v1/sources/1", headers=KEY)
            assert (answer.status_code, "KUNAK_API_KEY" in sentence(answer)) == (403, True)
            assert (await any_one.get("/api/v1/search", params={"q": "мост"})).status_code == 200


async def test_no_embedder_is_a_normal_state(api: httpx.AsyncClient) -> None:
    answer = await api.post("/embed", json={"texts": ["мост"]})
    assert (answer.status_code, sentence(answer)[:26]) == (503, "No embedder is configured:")


async def test_vectors_come_with_their_model(database_url: str, tmp_path: Path) -> None:
    async with FakeEmbeddings(dimensions=16) as server:
        given = {"embeddings_url": server.base, "embeddings_model": "tiny"}
        async with open_kunak(settings(tmp_path).model_copy(update=given), database_url=database_url) as kunak:
            transport = httpx.ASGITransport(ingest.create_app(kunak))
            async with httpx.AsyncClient(transport=transport, base_url="http://ingest", headers=KEY) as process:
                made = (await process.post("/embed", json={"texts": ["мост", "рынок", "мост"]})).json()
                asked = await process.post("/embed", json={"texts": ["мост"], "kind": "question"})
                refused = await process.post("/embed", json={"texts": [" "]})
                assert (await process.get("/healthz")).json() == {"alive": True}
    assert (made["dimensions"], len(made["vectors"]), made["vectors"][0] == made["vectors"][2]) == (16, 3, True)
    assert asked.json()["vectors"][0] == made["vectors"][0]
    assert "tiny" in made["model"]
    assert refused.status_code == 422


async def test_no_request_breaks_it(database_url: str, tmp_path: Path) -> None:
    async with FakeEmbeddings(dimensions=8) as server:
        given = {"embeddings_url": server.base, "embeddings_model": "tiny", "api_rate_per_address": 10**9}
        async with open_kunak(settings(tmp_path).model_copy(update=given), database_url=database_url) as kunak:
            app = create_app(kunak, look_at=look_at_nothing)
            phases = ("--phases", "examples,coverage", "--header", f"Authorization: {KEY['Authorization']}")
            await try_to_break(app, tmp_path, *phases, "--include-path-regex", "/(sources|embed)")


async def look_at_nothing(address: str, _: Wish) -> Preview:
    return Preview(NewSource(SourceKind.RSS, address, "Nothing", address), Contents("Nothing", ()))
