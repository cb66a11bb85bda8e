"""Sources that fail: what strangers send costs neither memory nor time, and a person is told once."""

import asyncio
import gzip
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.read_on import steps
from kunak.features.ingestion.schemas import Outcome, Source
from kunak.foundation.errors import KunakError
from kunak.foundation.settings import Settings
from kunak.processes.bootstrap import Kunak, open_kunak
from kunak.processes.commands import sources as commands
from kunak.processes.commands.import_documents import import_files
from kunak.processes.doctor import examine
from tests.flows.test_sources import add, read, rss
from tests.peers.telegram_preview import Channel
from tests.peers.web_server import Answer, WebServer, web_server


@pytest.fixture
async def town() -> AsyncIterator[WebServer]:
    async with web_server() as server:
        yield server


@pytest.fixture
async def house(database_url: str, tmp_path: Path, town: WebServer, quick_outside: None) -> AsyncIterator[Kunak]:
    settings = Settings(
        data_dir=tmp_path, fetch_allow_private="127.0.0.1", fetch_pause_s=0, telegram_preview_base=town.base
    )
    async with open_kunak(settings, database_url=database_url) as kunak:
        yield kunak


async def alerts(house: Kunak) -> list[str]:
    async with house.sessions() as session:
        return list(await session.scalars(text("SELECT text FROM alerts ORDER BY id")))


async def make_older(house: Kunak, source: Source, by: timedelta) -> None:
    async with house.sessions.begin() as session:
        values = {"id": source.id, "by": by}
        await session.execute(
            text("UPDATE sources SET failing_since = failing_since - CAST(:by AS interval) WHERE id = :id"), values
        )


async def test_admins_are_told_once_of_a_source_that_fails_for_a_day(house: Kunak, town: WebServer) -> None:
    source = await add(house, town.put("/feed.xml", rss(("1", "Мост закрыт")), "text/xml"), title="Вести")
    town.put_answer("/feed.xml", Answer(status=403))
    await read(house, source)
    assert await alerts(house) == []
    await make_older(house, source, timedelta(hours=25))
    for _ in range(2):
        assert (await read(house, source)).outcome is Outcome.FAILED
    [told] = await alerts(house)
    assert told.startswith("Вести (source 1) cannot be read since ")
    assert "127.0.0.1 answers 403" in told
    town.put("/feed.xml", rss(("1", "Мост открыт")), "text/xml")
    await read(house, source)
    assert (await commands.find_source(house, "1")).failing_since is None


async def test_admins_are_told_at_once_of_a_channel_that_turned_private(house: Kunak, town: WebServer) -> None:
    Channel("selo", "Вести села", {1: "Мост закрыт"}).serve(town)
    source = await add(house, "@selo")
    await read(house, source)
    town.put("/s/selo", '<body class="tgme_page"><div class="tgme_page_title">Вести села</div></body>')
    for _ in range(2):
        await read(house, source)
    [told] = await alerts(house)
    assert "it is private" in told
    async with house.sessions() as session:
        assert await ingestion.count_documents(session, up_to=0) == (0, 1)


async def test_the_doctor_says_how_sources_are(house: Kunak, town: WebServer, database_url: str) -> None:
    settings = house.settings.model_copy(update={"database_url": Settings(database_url=database_url).database_url})

    async def said() -> str:
        report = await examine(settings)
        return next((each.detail for each in report.findings if each.name == "Sources"), "")

    assert await said() == ""
    source = await add(house, town.put("/feed.xml", rss(("1", "Мост закрыт")), "text/xml"), title="Вести")
    town.put_answer("/feed.xml", Answer(status=404))
    await read(house, source)
    assert (await said()).startswith("1; 1 cannot be read: Вести since 2")
    async with house.sessions.begin() as session:
        await session.execute(text("UPDATE sources SET next_at = now() - interval '2 hours'"))
    assert "1 should have been read by now, one of them 120 minutes ago" in await said()
    await commands.pause_source(house, "1")
    assert await said() == "0 and 1 paused"


async def test_a_post_that_the_database_refuses_costs_no_other(
    house: Kunak, town: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_MOST_AT_ONCE", 10)  # the note is of the first of two pieces
    async with house.sessions.begin() as session:
        body = "BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'data_exception'; END"
        await session.execute(text(f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"))
        trigger = "CREATE TRIGGER refuse BEFORE INSERT ON documents FOR EACH ROW WHEN (NEW.text = 'Яд') EXECUTE"
        await session.execute(text(f"{trigger} FUNCTION refuse()"))
    items = [(str(n), f"Новость {n}") for n in range(12)]
    items[7] = ("7", "Яд")
    source = await add(house, town.put("/feed.xml", rss(*items), "text/xml"))
    reading = await read(house, source)
    assert (reading.outcome, reading.stored.added) == (Outcome.READ, 11)
    kept = await commands.find_source(house, "1")
    assert (kept.notes, kept.counters.failed) == (("7: the database refuses it; it is left out.",), 1)
    lines = tmp_path / "town.jsonl"
    lines.write_text("".join(f'{{"_id": "{n}", "text": "{words}"}}\n' for n, words in items[:9]))
    imported = await import_files(house.sessions, [lines], report=lambda _path, _batch: None)
    assert (imported.added, imported.skipped) == (8, 1)


async def endless() -> AsyncGenerator[bytes, None]:
    while True:
        yield b"<p>word</p>" * 50_000


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Answer(endless()), r"larger than 32 MB \(KUNAK_FETCH_MAX_MB\)"),
        (Answer(gzip.compress(bytes(2**26)), headers={"Content-Encoding": "gzip"}), "larger than 32 MB"),
        (Answer(b"<p>word</p>" * 500_000), "larger than 4 MB of HTML"),
        (Answer(b"<html>" + b"<div>" * 100_000), "holds no text"),
        (Answer(status=302, headers={"Location": "http://10.0.0.1/"}), "not on the public internet"),
    ],
    ids=["endless", "bomb", "huge", "deep", "redirect"],
)
async def test_what_cannot_be_read_is_refused(house: Kunak, town: WebServer, page: Answer, reason: str) -> None:
    with pytest.raises(KunakError, match=reason):
        await add(house, town.put_answer("/page", page))
    assert await commands.list_sources(house) == []


async def test_a_thousand_forecasts_without_a_date_are_not_compared_with_each_other(
    house: Kunak, town: WebServer
) -> None:
    """Each would be a near-copy of all others, but for its number; all of them have no time, so none is too old."""
    forecast = "Завтра в городе и во всём районе {} градусов, днём дождь, к вечеру ветер и местами гроза с градом"
    source = await add(house, town.put("/f.xml", rss(*((str(n), forecast.format(n)) for n in range(1000))), "text/xml"))
    assert (await read(house, source)).stored.added == 1000
    async with house.sessions() as session:
        shared = "SELECT band FROM document_traits CROSS JOIN unnest(bands) AS band GROUP BY band HAVING count(*) > 1"
        assert (await session.scalars(text(shared))).all() == []


async def test_a_removal_that_was_broken_off_is_completed(house: Kunak, town: WebServer) -> None:
    source = await add(house, town.put("/feed.xml", rss(*((str(n), f"Новость {n}") for n in range(600))), "text/xml"))
    await read(house, source)
    async with house.sessions.begin() as session:
        await ingestion.begin_removing(session, source, actor="test")
    stops = iter([False, True])
    await ingestion.go_on_removing(house.sessions, source.id, lambda: next(stops))
    assert (await commands.find_source(house, "1")).state == "removing"
    assert await commands.ingest(house, report=lambda *_: None, watch=False, stop=asyncio.Event()) == {}
    await ingestion.go_on_removing(house.sessions, source.id, lambda: False)
    assert await commands.list_sources(house) == []
