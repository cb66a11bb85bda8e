"""Feeds of every kind and condition."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from kunak.features.ingestion.formats import feed as feeds
from kunak.features.ingestion.formats.feed import looks_like_feed, may_be_cut, read_feed
from kunak.features.ingestion.schemas import Contents, Media, Post
from kunak.foundation.errors import InvalidInputError

HOME = "https://example.org/feeds/news.xml"


def rss(*items: str, head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return f'{head}<rss version="2.0"><channel><title>Вести села</title>{"".join(items)}</channel></rss>'


def read(feed: str | bytes, content_type: str = "") -> Contents:
    return read_feed(feed.encode() if isinstance(feed, str) else feed, HOME, content_type)


def read_one(item: str) -> Post:
    [post] = read(rss(f"<item>{item}</item>")).posts
    return post


def test_an_item_becomes_a_post() -> None:
    post = read_one(
        "<guid>42</guid><title>Мост &amp; паром</title><link>/news/42?a=1&amp;b=2#top</link>"
        "<description>&lt;p&gt;Мост закрыт.&lt;/p&gt;&lt;p&gt;Паром ходит.&lt;/p&gt;</description>"
        "<pubDate>Wed, 18 Nov 2026 12:00:00 +0300</pubDate><author>Боб</author>"
        '<enclosure url="/a.jpg" type="image/jpeg" length="1"/>'
    )
    assert (post.id, post.title, post.text) == ("42", "Мост & паром", "Мост закрыт.\n\nПаром ходит.")
    assert post.url == "https://example.org/news/42?a=1&b=2#top"
    assert post.time == datetime(2026, 11, 18, 9, tzinfo=UTC)
    assert (post.author, post.media) == ("Боб", (Media("photo", "https://example.org/a.jpg"),))


def test_atom_and_rdf_are_feeds_too() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/blog/"><title>t</title><entry>'
        "<id>tag:1</id><title type='html'>&lt;b&gt;Мост&lt;/b&gt;</title><link href='one'/>"
        "<updated>2026-11-18T12:00:00+03:00</updated><summary>s</summary>"
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Мост <i>закрыт</i>.</p></div></content>"
        "</entry></feed>"
    )
    [post] = read(atom).posts
    assert (post.id, post.title, post.text) == ("tag:1", "Мост", "Мост закрыт.")
    assert (post.url, post.time) == ("https://example.org/blog/one", datetime(2026, 11, 18, 9, tzinfo=UTC))
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<channel><title>t</title></channel><item><title>Мост</title><link>https://example.org/1</link></item></rdf:RDF>"
    )
    [post] = read(rdf).posts
    assert (post.id, post.text) == ("https://example.org/1", "Мост")


@pytest.mark.parametrize(
    ("encoding", "head", "content_type"),
    [
        ("utf-8", '<?xml version="1.0"?>', ""),
        ("utf-8-sig", '<?xml version="1.0" encoding="windows-1251"?>', "text/xml; charset=koi8-r"),
        ("utf-16", '<?xml version="1.0" encoding="utf-16"?>', ""),
        ("utf-16-le", '<?xml version="1.0" encoding="utf-16"?>', "application/xml"),
        ("utf-16-be", '<?xml version="1.0" encoding="utf-16"?>', ""),
        ("cp1251", '<?xml version="1.0" encoding="windows-1251"?>', "text/xml"),
        ("cp1251", '<?xml version="1.0"?>', "text/xml; charset=windows-1251"),
        ("koi8-r", '<?xml version="1.0"?>', "application/xml; charset=KOI8-R"),
        ("koi8-r", "<?xml version='1.0' encoding='koi8-r'?>", ""),
        ("cp1251", '<?xml version="1.0" encoding="utf-8"?>', "text/xml; charset=utf-8"),
        ("cp1251", '<?xml version="1.0" encoding="iso-8859-1"?>', ""),
        ("koi8-r", '<?xml version="1.0"?>', ""),
        ("utf-8", '<?xml version="1.0" encoding="windows-1251"?>', "text/xml; charset=windows-1251"),
    ],
)
def test_an_encoding_is_understood_whatever_is_claimed(encoding: str, head: str, content_type: str) -> None:
    item = "<item><guid>1</guid><title>Мост через реку закрыт до пятницы, ходит паром</title></item>"
    contents = read(rss(item, head=head).encode(encoding), content_type)
    assert (contents.title, contents.posts[0].text) == ("Вести села", "Мост через реку закрыт до пятницы, ходит паром")


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("<pubDate>2026-11-18 12:00:00</pubDate>", datetime(2026, 11, 18, 12, tzinfo=UTC)),
        ("<pubDate>Wed, 18 Nov 2026 12:00:00</pubDate>", datetime(2026, 11, 18, 12, tzinfo=UTC)),
        ("<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>", datetime(2100, 1, 1, tzinfo=UTC)),
        ("<pubDate>Wed, 18 Nov 2026 12:00:00 MSK</pubDate>", datetime(2026, 11, 18, 9, tzinfo=UTC)),
        ("<pubDate>2026-11-18 12:00:00 msk</pubDate>", datetime(2026, 11, 18, 9, tzinfo=UTC)),
        ("<pubDate>1795167600</pubDate>", datetime(2026, 11, 20, 9, 40, tzinfo=UTC)),
        ("<pubDate>1795167600000</pubDate>", datetime(2026, 11, 20, 9, 40, tzinfo=UTC)),
        ("<pubDate>20261118</pubDate>", datetime(2026, 11, 18, tzinfo=UTC)),
        ("<pubDate>Fri, 20 Nov 0001 12:00:00 GMT</pubDate>", None),
        ("<pubDate>вчера</pubDate>", None),
        ("<pubDate>Wed, 99 Nov 99999 12:00:00 GMT</pubDate>", None),
        ("", None),
    ],
)
def test_dates_come_as_they_come(written: str, time: datetime | None) -> None:
    assert read_one(f"<guid>1</guid><title>t</title>{written}").time == time


def test_a_broken_feed_is_read_as_far_as_it_goes() -> None:
    contents = read(rss("<item><guid>1</guid><title>Мост & паром</title></item><item><guid>2</guid><title>Ры")[:-30])
    assert contents.posts[0].title == "Мост & паром"
    assert "not well-formed" in contents.notes[0]


def test_entities_are_not_expanded_without_end() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    contents = read(f'<?xml version="1.0"?>{bomb}]>' + rss("<item><guid>1</guid><title>&i;</title></item>", head=""))
    assert sum(len(post.text) for post in contents.posts) < 1000
    leak = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    contents = read(f'<?xml version="1.0"?>{leak}' + rss("<item><guid>1</guid><title>&x;</title></item>", head=""))
    assert all("root:" not in post.text for post in contents.posts)


def test_of_a_huge_feed_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_ITEMS", 100)
    contents = read(rss(*(f"<item><guid>{number}</guid><title>t{number}</title></item>" for number in range(100_000))))
    assert [post.id for post in contents.posts] == [str(number) for number in range(100)]
    assert contents.notes == ("The feed holds 100,000 items; the first 100 are read.",)


def test_of_a_feed_whose_end_is_missing_the_whole_items_are_read() -> None:
    whole = rss(*(f"<item><guid>{number}</guid><title>t{number}</title></item>" for number in range(9))).encode()
    cut = whole[: whole.index(b"<title>t7") + 8]
    contents = read_feed(cut, HOME, is_cut=True)
    assert [post.id for post in contents.posts] == [str(number) for number in range(7)]
    assert contents.notes == ("The feed holds more than 7 items; the first 7 are read.",)
    assert [may_be_cut(each) for each in (cut, b'{"version": "https://jsonfeed.org/version/1"', b"<html>")] == [
        True,
        False,
        False,
    ]


def test_items_with_one_id_are_told_apart_and_the_oldest_keeps_it() -> None:
    item = "<item><guid isPermaLink='false'>same</guid><title>{0}</title><link>https://example.org/{0}</link></item>"
    before = read(rss(item.format("b"), item.format("a"))).posts
    after = read(rss(item.format("c"), item.format("b"), item.format("a"), item.format("a"))).posts
    assert {post.title: post.id for post in before}.items() <= {post.title: post.id for post in after}.items()
    assert len({post.id for post in after}) == 3
    assert after[-1].id == "same"


def test_an_item_without_an_id_is_known_by_its_link_or_by_what_it_says() -> None:
    assert read_one("<title>t</title><link>https://example.org/1</link>").id == "https://example.org/1"
    assert read_one("<title>t</title>").id == read_one("<title>t</title>").id != read_one("<title>u</title>").id
    assert len(read_one(f"<guid>{'x' * 5000}</guid><title>t</title>").id) == 32


JSON_FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Вести",
    "items": [
        {
            "id": 7,
            "url": "/7",
            "title": "Мост",
            "content_html": "<p>Мост закрыт.</p>",
            "date_published": "2026-11-18T12:00:00+03:00",
            "authors": [{"name": "Боб"}],
            "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg"}],
        },
        {"content_text": "Без имени"},
        "not an item",
    ],
}


def test_a_json_feed_is_read() -> None:
    one, other = read(orjson.dumps(JSON_FEED)).posts
    assert (one.id, one.url, one.text, one.author) == ("7", "https://example.org/7", "Мост закрыт.", "Боб")
    assert (one.time, one.media) == (
        datetime(2026, 11, 18, 9, tzinfo=UTC),
        (Media("audio", "https://example.org/a.mp3"),),
    )
    assert (other.text, len(other.id)) == ("Без имени", 32)


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>rss</body></html>", b"{}", b'{"items": 5}', b"{nonsense", b"hello"]
)
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read(body)
    assert not looks_like_feed(b"<!DOCTYPE html><html><p>the &lt;rss&gt; tag is <rss></html>")


def test_real_feeds_are_read(shared_data: Path) -> None:
    counts = {
        path.name: len(read_feed(path.read_bytes(), HOME).posts) for path in sorted((shared_data / "feeds").iterdir())
    }
    assert counts == {"large_rss.xml": 25, "rdf_UTF8.xml": 60, "small_atom.xml": 20, "utf-16le-bom.xml": 0}
