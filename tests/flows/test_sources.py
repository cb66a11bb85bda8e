"""Sources are added, read again and again, and followed through everything that happens to them."""

import asyncio
import gzip
import json
import operator
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.fetch import feed as feed_steps
from kunak.features.ingestion.jobs import IngestionJobs
from kunak.features.ingestion.schemas import Outcome, PruneDocuments, Reading, Source, SourceKind, Stored, Wish
from kunak.features.search.service import answer_question
from kunak.foundation.errors import ConflictError, InvalidInputError, KunakError, NotFoundError
from kunak.foundation.settings import Settings
from kunak.processes import ingest as ingest_process
from kunak.processes.bootstrap import Kunak, open_kunak
from kunak.processes.commands import sources as commands
from kunak.processes.outside import open_outside
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


async def add(house: Kunak, address: str, **wish: Any) -> Source:
    source, _ = await commands.add_source(house, address, Wish(**wish))
    return source


async def read(house: Kunak, source: Source) -> Reading:
    _, reading = await commands.run_source(house, str(source.id))
    return reading


async def texts(house: Kunak) -> dict[str, str]:
    """What can be found, by reference."""
    statement = text(
        "SELECT reference, search_entries.text FROM search_entries JOIN documents ON documents.id = thing_id"
    )
    async with house.sessions() as session:
        return {row.reference: row.text for row in await session.execute(statement)}


def rss(*items: tuple[str, str]) -> str:
    lines = "".join(f"<item><guid>{guid}</guid><title>{words}</title></item>" for guid, words in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Вести</title>{lines}</channel></rss>'


def article(words: str, more: str = "") -> str:
    body = f"<p>{words} Подробности сообщает наш корреспондент, который был на месте с самого утра.</p>" * 3
    head = f"<head><title>{words}</title>{more}</head>"
    return f"<html lang=ru>{head}<body><article><h1>{words}</h1>{body}</article></body></html>"


async def test_a_feed_is_read_and_followed(house: Kunak, town: WebServer) -> None:
    feed = town.put("/feed.xml", rss(("1", "Мост закрыт"), ("2", "Рынок открыт")), "application/rss+xml")
    source = await add(house, feed)
    assert (source.kind, source.title) == (SourceKind.RSS, "Вести")
    assert (await read(house, source)).stored == Stored(added=2)
    assert (await read(house, source)).fetched == 0
    town.put("/feed.xml", rss(("1", "Мост открыт"), ("3", "Школа построена")), "application/rss+xml")
    assert (await read(house, source)).stored == Stored(added=1, changed=1)
    assert (await texts(house)) == {"1": "Мост открыт", "2": "Рынок открыт", "3": "Школа построена"}
    [citation] = (await answer_question(house.sessions, "Что построена?")).citations
    assert citation.quote == "Школа построена"


async def test_times_that_say_nothing_do_no_harm(house: Kunak, town: WebServer) -> None:
    times = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-11-01T12:00:00Z")
    items = [{"id": str(n), "content_text": f"Новость {n}", "date_published": time} for n, time in enumerate(times)]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Вести", "items": items}
    source = await add(house, town.put("/feed.json", json.dumps(feed), "application/json"))
    assert (await read(house, source)).stored == Stored(added=3)
    async with house.sessions() as session:
        dated = await session.scalars(text("SELECT published_at FROM documents WHERE published_at IS NOT NULL"))
        assert list(dated) == [datetime(2026, 11, 1, 12, tzinfo=UTC)]


async def test_the_feed_of_a_page_is_found(house: Kunak, town: WebServer) -> None:
    town.put("/feed.xml", rss(("1", "Мост закрыт")), "application/rss+xml")
    link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    page = town.put("/", article("Главная", link))
    source = await add(house, page)
    assert (source.kind, source.address) == (SourceKind.RSS, f"{town.base}/feed.xml")
    assert (await add(house, page, kind="page")).kind is SourceKind.SITE


async def test_a_channel_is_read_back_to_its_beginning_and_followed(house: Kunak, town: WebServer) -> None:
    channel = Channel("selo", "Вести села", {number: f"Новость {number}" for number in range(1, 71)})
    channel.serve(town)
    source = await add(house, "@Selo")
    assert (source.kind, source.key, source.title) == (SourceKind.TELEGRAM, "selo", "Вести села")
    assert (await read(house, source)).stored == Stored(added=70)
    channel.posts |= {number: f"Новость {number}" for number in range(71, 131)}  # more than a page: a gap to be filled
    channel.posts[125] = "Исправлено"
    assert (await read(house, source)).stored.added == 60
    channel.posts[128] = "Новость <b>128</b>, исправлено"
    del channel.posts[120]
    reading = await read(house, source)
    assert (reading.stored.changed, reading.removed) == (1, 1)
    found = await texts(house)
    assert len(found) == 129
    assert (found["selo/125"], found["selo/128"]) == ("Исправлено", "Новость 128, исправлено")
    assert "selo/120" not in found


async def test_of_a_long_channel_no_more_is_fetched_than_was_wished(house: Kunak, town: WebServer) -> None:
    channel = Channel("selo", "Вести", {number: f"Новость {number}" for number in range(1, 500)})
    channel.serve(town)
    source = await add(house, "t.me/selo", backfill=50)
    assert (await read(house, source)).stored == Stored(added=60)
    assert (await read(house, source)).stored == Stored(unchanged=20)


async def test_a_channel_that_turned_private_says_so_and_keeps_its_documents(house: Kunak, town: WebServer) -> None:
    channel = Channel("selo", "Вести села", {1: "Мост закрыт"})
    channel.serve(town)
    source = await add(house, "https://t.me/s/selo")
    await read(house, source)
    channel.is_open = False
    reading = await read(house, source)
    assert (reading.outcome, "no public preview" in str(reading.error)) == (Outcome.FAILED, True)
    known = await commands.find_source(house, "@selo")
    assert (known.failures, known.error, known.counters.failed) == (1, reading.error, 1)
    assert known.next_at is not None
    assert await texts(house) == {"selo/1": "Мост закрыт"}
    channel.is_open = True
    assert (await read(house, source)).outcome is Outcome.READ
    assert (await commands.find_source(house, "@selo")).error is None


async def test_articles_of_a_list_are_read_followed_and_forgotten(house: Kunak, town: WebServer) -> None:
    names = [f"/news/{number}" for number in range(8)]
    links = "".join(f'<h2><a href="{name}">Длинный заголовок новости {name}</a></h2>' for name in names)
    page = town.put("/news/", f"<html><body>{links}</body></html>")
    for name in names:
        town.put(name, article(f"Событие {name}"))
    source = await add(house, page)
    assert source.options.mode == "list"
    assert (await read(house, source)).stored == Stored(added=8)
    assert f"{town.base}/news/3" in await texts(house)
    town.put_answer("/news/3", Answer("gone", status=410))
    await make_pages_due(house)
    assert (await read(house, source)).removed == 1
    assert f"{town.base}/news/3" not in await texts(house)


async def test_pages_that_all_call_themselves_one_are_kept_apart(house: Kunak, town: WebServer) -> None:
    names, common = ("/a", "/b", "/b?from=feed"), '<link rel="canonical" href="/news">'
    stories = {"/a": "Мост через реку закрыт на ремонт.", "/b": "Рынок по субботам открыт с семи утра до полудня."}
    for name in names:
        town.put(
            name, f"<html><head>{common}</head><body><article><p>{stories[name[:2]] * 3}</p></article></body></html>"
        )
    listed = "".join(f"<url><loc>{town.base}{name}</loc></url>" for name in names)
    source = await add(house, town.put("/sitemap.xml", f"<urlset>{listed}</urlset>", "text/xml"))
    for _ in range(2):
        await read(house, source)
        assert set((await texts(house)).values()) == {story * 3 for story in stories.values()}
        await make_pages_due(house)
    assert f"{town.base}/news" in await texts(house)


async def make_pages_due(house: Kunak) -> None:
    async with house.sessions.begin() as session:
        await session.execute(text("UPDATE source_pages SET due_at = now()"))


async def test_a_sitemap_of_sitemaps_is_read_and_what_it_says_has_changed(house: Kunak, town: WebServer) -> None:
    index = town.put("/sitemap.xml", sitemap("sitemapindex", "sitemap", f"{town.base}/1.xml.gz"), "application/xml")
    town.put("/1.xml.gz", gzip.compress(sitemap("urlset", "url", f"{town.base}/a").encode()), "application/gzip")
    town.put("/a", article("Мост закрыт"))
    source = await add(house, index)
    assert source.options.mode == "sitemap"
    assert (await read(house, source)).stored == Stored(added=1)
    town.put("/a", article("Мост открыт"))
    assert (await read(house, source)).fetched == 0
    changed = sitemap("urlset", "url", f"{town.base}/a", "2026-11-02")
    town.put("/1.xml.gz", gzip.compress(changed.encode()), "application/gzip")
    assert (await read(house, source)).stored == Stored(changed=1)


def sitemap(root: str, item: str, address: str, day: str = "2026-11-01") -> str:
    line = f"<{item}><loc>{address}</loc><lastmod>{day}</lastmod></{item}>"
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{line}</{root}>'


async def test_one_page_is_read_again_and_again(house: Kunak, town: WebServer) -> None:
    page = town.put("/rules", article("Правила рынка"))
    source = await add(house, page, kind="page")
    assert (await read(house, source)).stored == Stored(added=1)
    assert (await read(house, source)).stored == Stored()
    town.put("/rules", article("Новые правила рынка"))
    assert (await read(house, source)).stored == Stored(changed=1)
    town.put_answer("/rules", Answer("gone", status=404))
    reading = await read(house, source)
    assert (reading.removed, reading.outcome) == (1, Outcome.FAILED)


async def test_an_export_is_read_as_far_as_it_is_whole(house: Kunak, tmp_path: Path) -> None:
    messages = [{"id": n, "type": "message", "date_unixtime": "1700000000", "text": f"Пост {n}"} for n in range(500)]
    whole = json.dumps({"name": "Вести", "type": "public_channel", "id": 77, "messages": messages})
    path = tmp_path / "result.json"
    path.write_text(whole[: len(whole) // 2])
    source = await add(house, str(path))
    reading = await read(house, source)
    assert (reading.outcome, "cut short" in str(reading.error)) == (Outcome.FAILED, True)
    kept = reading.stored.added
    assert 200 < kept < 300
    path.write_text(whole)
    assert (await read(house, source)).stored == Stored(added=500 - kept, unchanged=kept)
    assert (await read(house, source)).fetched == 0
    assert "77/499" in await texts(house)


async def test_documents_are_kept_as_long_as_was_wished(house: Kunak, town: WebServer) -> None:
    item = "<item><guid>{}</guid><title>{}</title><pubDate>{}</pubDate></item>"
    old = item.format("old", "Давно", "Mon, 01 Jan 2024 10:00:00 GMT")
    town.put("/feed", f"<rss><channel><title>t</title>{old}{item.format('new', 'Без даты', '')}</channel></rss>")
    source = await add(house, f"{town.base}/feed", keep_days=30)
    assert (await read(house, source)).stored == Stored(added=1)
    async with house.sessions.begin() as session:
        await session.execute(text("UPDATE documents SET published_at = now() - interval '31 days'"))
    jobs = IngestionJobs(house.sessions, ingestion.Outside(web=None), asyncio.Event())  # type: ignore[arg-type]  # not asked
    await jobs.prune_documents(PruneDocuments())
    assert await texts(house) == {}


async def test_a_source_is_paused_resumed_and_removed_with_all_it_brought(house: Kunak, town: WebServer) -> None:
    source = await add(house, town.put("/feed.xml", rss(("1", "Мост закрыт")), "text/xml"))
    await read(house, source)
    assert (await commands.pause_source(house, "Вести")).state == "paused"
    with pytest.raises(InvalidInputError, match="paused"):
        await read(house, source)
    assert (await commands.resume_source(house, str(source.id))).state == "active"
    with pytest.raises(ConflictError, match="already"):
        await add(house, f"{town.base}/feed.xml")
    _, documents = await commands.remove_source(house, source.address or "")
    assert (documents, await texts(house), await commands.list_sources(house)) == (1, {}, [])


@pytest.mark.parametrize(
    ("address", "error", "reason"),
    [
        ("{base}/none", KunakError, "404"),
        ("http://127.0.0.2/feed", InvalidInputError, "not on the public internet"),
        ("{base}/empty", InvalidInputError, "no text"),
        ("{base}/picture", KunakError, "image/png"),
        ("{base}/private/x", KunakError, "robots.txt"),
        ("http://no-such-host.invalid/", KunakError, "no host"),
        ("@nobody", NotFoundError, "no public channel"),
        ("@person", InvalidInputError, "no public preview"),
        ("t.me/+AbCdEf", InvalidInputError, "invites to a private chat"),
        ("t.me/c/123/4", InvalidInputError, "private"),
        ("@a", InvalidInputError, "4 to 32"),
        ("ftp://example.org", InvalidInputError, "http"),
        ("/no/such/file.json", NotFoundError, "no file"),
    ],
)
async def test_what_cannot_be_read_is_told_when_it_is_added(
    house: Kunak, town: WebServer, address: str, error: type[Exception], reason: str
) -> None:
    town.put("/empty", "<html><body></body></html>")
    town.put("/picture", b"x", "image/png")
    town.put("/robots.txt", "User-agent: *\nDisallow: /private", "text/plain")
    town.put("/s/nobody", '<body class="tgme_page"></body>')
    town.put("/s/person", '<body class="tgme_page"><div class="tgme_page_title">Боб</div></body>')
    with pytest.raises(error, match=reason):
        await add(house, address.format(base=town.base))
    assert await commands.list_sources(house) == []


async def test_a_post_that_lost_its_words_is_forgotten(house: Kunak, town: WebServer) -> None:
    channel = Channel("selo", "Вести села", {1: "Мост закрыт", 2: "Рынок открыт"})
    channel.serve(town)
    source = await add(house, "@selo")
    await read(house, source)
    channel.posts[2] = ""
    assert (await read(house, source)).removed == 1
    assert await texts(house) == {"selo/1": "Мост закрыт"}


async def test_what_nobody_foresaw_is_a_failure_of_the_source(
    house: Kunak, town: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await add(house, town.put("/feed.xml", rss(("1", "Мост закрыт")), "text/xml"))
    monkeypatch.setattr(feed_steps, "read_feed", operator.truediv)  # which takes two arguments
    reading = await read(house, source)
    assert (reading.outcome, reading.error) == (Outcome.FAILED, "It could not be taken apart: TypeError.")


async def test_files_are_read_for_whoever_may(house: Kunak, tmp_path: Path) -> None:
    path = tmp_path / "town.jsonl"
    path.write_text('{"_id": "1", "title": "Мост", "text": "Мост закрыт."}\noops\n')
    source = await add(house, str(path))
    assert (await read(house, source)).stored == Stored(added=1)
    assert (await commands.find_source(house, str(source.id))).kind is SourceKind.JSONL
    async with open_outside(house.settings) as outside:
        with pytest.raises(NotFoundError):
            await ingestion.preview(str(path), outside)


async def test_two_readers_at_once_read_once(house: Kunak, town: WebServer) -> None:
    source = await add(house, town.put("/feed.xml", rss(*((str(n), f"Новость {n}") for n in range(500))), "text/xml"))
    async with open_outside(house.settings) as outside:
        both = await asyncio.gather(*(ingestion.read_source(house.sessions, outside, source.id) for _ in range(2)))
    assert sorted(each.outcome for each in both) == [Outcome.BUSY, Outcome.READ]
    assert len(await texts(house)) == 500


async def test_everything_due_is_read_and_then_nothing_is(house: Kunak, town: WebServer) -> None:
    await add(house, town.put("/a.xml", rss(("1", "Мост закрыт")), "text/xml"))
    broken = await add(house, town.put("/b.xml", rss(("2", "Рынок открыт")), "text/xml"))
    town.put_answer("/b.xml", Answer("no", status=403))
    seen: list[int] = []
    stop = asyncio.Event()
    done = await commands.ingest(house, report=lambda source, _: seen.append(source.id), watch=False, stop=stop)
    assert len(done) == 2
    assert done[broken.id].error == "127.0.0.1 answers 403 and gives no page."
    assert await commands.ingest(house, report=lambda *_: None, watch=False, stop=stop) == {}


async def test_what_a_broken_off_reading_kept_is_told(
    house: Kunak, town: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_FINISH_S", 0)
    stop = asyncio.Event()

    async def stopping() -> AsyncGenerator[bytes, None]:
        yield b"<html>"
        stop.set()
        await asyncio.Event().wait()

    listed = "".join(f"<url><loc>{town.base}/{name}</loc></url>" for name in "ab")
    source = await add(house, town.put("/sitemap.xml", f"<urlset>{listed}</urlset>", "text/xml"))
    town.put("/a", article("Мост закрыт"))
    town.put_answer("/b", Answer(stopping()))
    done = await commands.ingest(house, report=lambda *_: None, watch=False, stop=stop)
    assert (done[source.id].outcome, done[source.id].stored) == (Outcome.STOPPED, Stored(added=1))


async def test_the_process_reads_what_is_due(house: Kunak, town: WebServer) -> None:
    await add(house, town.put("/feed.xml", rss(("1", "Мост закрыт")), "text/xml"))
    stop = asyncio.Event()
    running = asyncio.create_task(ingest_process.run(house, stop))
    async with asyncio.timeout(200):
        while await texts(house) != {"1": "Мост закрыт"}:  # noqa: ASYNC110  it is the database that says so
            await asyncio.sleep(0.02)
    stop.set()
    await running
    [source] = await commands.list_sources(house)
    assert (source.failures, source.counters.added) == (0, 1)
