"""The web, read politely, with an end to everything that a server may do."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.integrations.web_pages.conftest import OpenWeb
from tests.peers.web_server import Answer, Asked, WebServer

from kunak.integrations.web_pages.client import HttpWebPages
from kunak.integrations.web_pages.fake import FakeWebPages
from kunak.integrations.web_pages.interface import (
    FetchOptions,
    HostUnknownError,
    PageGoneError,
    PageRefusedError,
    PageUnavailableError,
    PageUnfitError,
    RobotsForbidError,
    WebPages,
)
from kunak.integrations.web_pages.pauses import read_retry_after


async def test_a_page_that_has_not_changed_is_not_sent_again(web: HttpWebPages, town: WebServer) -> None:
    address = town.put("/", "hello")
    first = await web.fetch(address)
    again = await web.fetch(address, FetchOptions(first.validators))
    assert (first.body, first.is_unchanged, again.is_unchanged) == (b"hello", False, True)
    assert again.validators == first.validators


async def test_the_fake_keeps_the_same_promises(town: WebServer, web: HttpWebPages) -> None:
    fake = FakeWebPages()
    fake.put(town.put("/", "hello"), "hello")
    both: list[WebPages] = [fake, web]
    for each in both:
        page = await each.fetch(f"{town.base}/")
        assert (page.address, page.body) == (f"{town.base}/", b"hello")
        assert (await each.fetch(f"{town.base}/", FetchOptions(page.validators))).is_unchanged
        with pytest.raises(PageGoneError):
            await each.fetch(f"{town.base}/none")


async def test_the_date_of_the_last_change_is_sent_back_as_it_came(web: HttpWebPages, town: WebServer) -> None:
    when = "Wed, 21 Oct 2026 07:28:00 GMT"
    address = town.put_answer("/", Answer("x", headers={"Last-Modified": when, "ETag": 'W/"1"'}))
    page = await web.fetch(address)
    await web.fetch(address, FetchOptions(page.validators))
    assert town.asked[-1].headers["if-modified-since"] == when
    assert town.asked[-1].headers["if-none-match"] == 'W/"1"'


async def test_sites_are_told_who_asks(web: HttpWebPages, town: WebServer) -> None:
    await web.fetch(town.put("/", "hello"))
    assert town.asked[-1].headers["user-agent"].startswith("Kunak/")
    assert "(+https://kunak.example)" in town.asked[-1].headers["user-agent"]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"hello")),
        ("gzip", gzip.compress(b"hel") + gzip.compress(b"lo")),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compressobj(wbits=-15).compress(b"") + zlib.compress(b"hello")[2:-4]),
        ("identity", b"hello"),
    ],
)
async def test_a_packed_page_is_unpacked(web: HttpWebPages, town: WebServer, encoding: str, body: bytes) -> None:
    address = town.put_answer("/", Answer(body, headers={"Content-Encoding": encoding}))
    assert (await web.fetch(address)).body == b"hello"


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("gzip", b"no gzip at all", "damaged"),
        ("gzip", gzip.compress(b"hello" * 999)[:-12], "end is missing"),
        ("br", b"x", "nobody asked for"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x")), "nobody asked for"),
    ],
)
async def test_a_badly_packed_page_is_refused(
    web: HttpWebPages, town: WebServer, encoding: str, body: bytes, reason: str
) -> None:
    address = town.put_answer("/", Answer(body, headers={"Content-Encoding": encoding}))
    with pytest.raises(PageUnfitError, match=reason):
        await web.fetch(address)


async def test_a_bomb_does_not_go_off(open_web: OpenWeb, town: WebServer) -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 2**28))  # a page of 256 MB behind a few hundred bytes, twice packed
    address = town.put_answer("/", Answer(gzip.decompress(bomb), headers={"Content-Encoding": "gzip"}))
    with pytest.raises(PageUnfitError, match="larger than 1 MB"):
        await open_web(most_bytes=2**20).fetch(address)


async def endless() -> AsyncGenerator[bytes, None]:
    while True:
        yield b"<p>more</p>" * 1000
        await asyncio.sleep(0)


async def dripping() -> AsyncGenerator[bytes, None]:
    while True:
        yield b"x"
        await asyncio.sleep(0.02)


async def silent() -> AsyncGenerator[bytes, None]:
    yield b"x"
    await asyncio.Event().wait()


async def test_an_endless_page_has_an_end(open_web: OpenWeb, town: WebServer) -> None:
    address = town.put_answer("/", lambda _: Answer(endless()))
    with pytest.raises(PageUnfitError, match="larger than 1 MB"):
        await open_web(most_bytes=2**20).fetch(address)


async def test_of_an_endless_feed_the_beginning_is_had_when_that_will_do(open_web: OpenWeb, town: WebServer) -> None:
    address = town.put_answer("/", lambda _: Answer(endless()))
    client = open_web(most_bytes=2**20)
    page = await client.fetch(address, FetchOptions(may_be_cut=lambda beginning: beginning.startswith(b"<p>more")))
    assert (len(page.body), page.is_cut) == (2**20, True)
    with pytest.raises(PageUnfitError, match="larger than 1 MB"):
        await client.fetch(address, FetchOptions(may_be_cut=lambda beginning: beginning.startswith(b"<rss")))
    small = await client.fetch(town.put("/small", b"<p>more"), FetchOptions(may_be_cut=lambda _: True))
    assert (small.body, small.is_cut) == (b"<p>more", False)


async def test_a_page_of_50_mb_is_refused_by_its_length(open_web: OpenWeb, town: WebServer) -> None:
    address = town.put_answer("/", Answer(b"", headers={"Content-Length": str(50 * 2**20)}))
    with pytest.raises(PageUnfitError, match="larger than 32 MB"):
        await open_web().fetch(address)


async def test_a_page_may_be_asked_to_be_smaller(web: HttpWebPages, town: WebServer) -> None:
    with pytest.raises(PageUnfitError):
        await web.fetch(town.put("/", b"x" * 2000), FetchOptions(most_bytes=1000))


async def test_a_page_that_drips_runs_out_of_time(open_web: OpenWeb, town: WebServer) -> None:
    address = town.put_answer("/", lambda _: Answer(dripping()))
    with pytest.raises(PageUnavailableError, match="too slow"):
        await open_web(total_s=0.3, tries=1).fetch(address, FetchOptions(heed_robots=False))


async def test_a_page_that_falls_silent_is_given_up(open_web: OpenWeb, town: WebServer) -> None:
    address = town.put_answer("/", lambda _: Answer(silent()))
    with pytest.raises(PageUnavailableError, match="too slow"):
        await open_web(stall_s=0.2, tries=1).fetch(address, FetchOptions(heed_robots=False))


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "video/mp4", "application/octet-stream"])
async def test_what_is_no_text_is_not_read(web: HttpWebPages, town: WebServer, kind: str) -> None:
    with pytest.raises(PageUnfitError, match=kind):
        await web.fetch(town.put("/", b"x", kind))


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/rss+xml", "application/json; charset=utf-8", "text/xml"]
)
async def test_what_is_text_is_read(web: HttpWebPages, town: WebServer, kind: str) -> None:
    assert (await web.fetch(town.put("/", b"x", kind))).body == b"x"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, PageGoneError),
        (410, PageGoneError),
        (401, PageRefusedError),
        (403, PageRefusedError),
        (451, PageRefusedError),
        (408, PageUnavailableError),
        (429, PageUnavailableError),
        (500, PageUnavailableError),
        (503, PageUnavailableError),
    ],
)
async def test_what_a_status_means(web: HttpWebPages, town: WebServer, status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=str(status)):
        await web.fetch(town.put_answer("/", Answer("no", status=status)))


async def test_a_server_that_stumbles_is_asked_again(web: HttpWebPages, town: WebServer) -> None:
    def stumbling(_: Asked) -> Answer:
        return Answer("hello") if town.count("/") == 3 else Answer("oh", status=502)

    assert (await web.fetch(town.put_answer("/", stumbling))).body == b"hello"


async def test_a_host_that_asks_for_quiet_gets_it(web: HttpWebPages, town: WebServer) -> None:
    address = town.put_answer("/", Answer("no", status=429, headers={"Retry-After": "120"}))
    town.put("/other", "hello")
    with pytest.raises(PageUnavailableError) as first:
        await web.fetch(address)
    with pytest.raises(PageUnavailableError, match="come back later") as second:
        await web.fetch(f"{town.base}/other")
    assert (first.value.retry_after, town.count("/"), town.count("/other")) == (120.0, 1, 0)
    assert second.value.retry_after is not None
    assert 100 < second.value.retry_after <= 120


def test_retry_after_is_read_in_both_spellings() -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    seconds = read_retry_after(in_a_minute)
    assert seconds is not None
    assert 50 < seconds <= 60
    assert read_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert read_retry_after("7") == 7
    assert read_retry_after("999999999999999") == 86_400
    assert [read_retry_after(each) for each in ("", None, "soon", "-5", "1.5")] == [None] * 5


async def test_redirects_are_followed_by_hand_and_not_for_ever(web: HttpWebPages, town: WebServer) -> None:
    town.put("/there", "hello")
    address = town.put_answer("/", Answer(status=301, headers={"Location": "/there"}))
    assert (await web.fetch(address)).address == f"{town.base}/there"
    loop = town.put_answer("/loop", Answer(status=302, headers={"Location": "/loop"}))
    with pytest.raises(PageRefusedError, match="again and again"):
        await web.fetch(loop)


ROBOTS = "User-agent: *\nDisallow: /private\n\nUser-agent: kunak\nDisallow: /not-for-kunak\nCrawl-delay: 0.01\n"


async def test_robots_txt_is_heeded_and_asked_for_once(web: HttpWebPages, town: WebServer) -> None:
    town.put("/robots.txt", ROBOTS, "application/octet-stream")  # as some servers call it
    town.put("/private", "for others")
    with pytest.raises(RobotsForbidError, match=r"robots\.txt"):
        await web.fetch(town.put("/not-for-kunak/a", "x"))
    assert (await web.fetch(f"{town.base}/private")).body == b"for others"
    assert town.count("/robots.txt") == 1
    assert town.count("/not-for-kunak/a") == 0


async def test_robots_txt_may_be_ignored_by_whoever_may(web: HttpWebPages, town: WebServer) -> None:
    town.put("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    address = town.put("/", "x")
    assert (await web.fetch(address, FetchOptions(heed_robots=False))).body == b"x"


@pytest.mark.parametrize("status", [404, 403, 410])
async def test_without_robots_txt_all_is_permitted(web: HttpWebPages, town: WebServer, status: int) -> None:
    town.put_answer("/robots.txt", Answer("no", status=status))
    assert (await web.fetch(town.put("/", "x"))).body == b"x"


async def test_a_site_whose_robots_txt_does_not_answer_is_left_alone(open_web: OpenWeb, town: WebServer) -> None:
    town.put_answer("/robots.txt", Answer("oh", status=503))
    address = town.put("/", "x")
    with pytest.raises(PageUnavailableError):
        await open_web(tries=1).fetch(address)
    assert town.count("/") == 0


async def test_a_host_is_asked_one_thing_at_a_time(open_web: OpenWeb, town: WebServer) -> None:
    addresses = [town.put(f"/{number}", "x" * 100_000) for number in range(8)]
    web = open_web(pause_s=0.001)
    await asyncio.gather(*map(web.fetch, addresses))
    assert town.most_open == 1


async def test_a_host_nobody_knows_is_asked_for_once(open_web: OpenWeb) -> None:
    asked = []

    async def resolve(host: str, _: int) -> list[object]:
        asked.append(host)
        raise HostUnknownError(f"There is no host {host}.")

    with pytest.raises(HostUnknownError, match=r"gone\.example"):
        await open_web(resolve=resolve).fetch("http://gone.example/", FetchOptions(heed_robots=False))
    assert asked == ["gone.example"]
