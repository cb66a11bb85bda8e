"""Telegram's posts, from public previews and from exports."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kunak.features.ingestion.formats.telegram_export import looks_like_export, read_export
from kunak.features.ingestion.formats.telegram_preview import read_channel_page
from kunak.features.ingestion.schemas import Media, Post
from kunak.foundation.errors import InvalidInputError, NotFoundError


def message(text: str, more: str = "", *, number: int = 5, classes: str = "") -> str:
    body = f'{more}<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>'
    date = (
        f'<a class="tgme_widget_message_date" href="https://t.me/selo/{number}">'
        '<time datetime="2026-11-18T09:00:00+00:00"></time></a>'
    )
    meta = f'<span class="tgme_widget_message_meta">edited {date}</span>'
    foot = f'<span class="tgme_widget_message_views">1.2M</span>{meta}'
    return f'<div class="tgme_widget_message {classes}" data-post="selo/{number}">{body}{foot}</div>'


def read_one(text: str, more: str = "") -> Post:
    [post] = read_channel_page(message(text, more)).posts
    return post


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("<b>Мост </b>закрыт", "**Мост** закрыт"),
        ("<i>a</i> <s>b</s> <u>c</u> <code>d</code> <tg-spoiler>e</tg-spoiler>", "__a__ ~~b~~ c `d` ||e||"),
        ("<b><i>обе</i></b><b><br/></b>", "**__обе__**"),
        ('<a href="https://example.org/?a=1&amp;amp;b=2">тут</a>', "[тут](https://example.org/?a=1&b=2)"),
        ('<a href="https://example.org/a_(b)">тут</a>', "[тут](https://example.org/a_%28b%29)"),
        ('<a href="https://example.org/">example.org</a>', "example.org"),
        ('<a href="?q=%23selo">#selo</a> <a href="https://t.me/bob">@bob</a>', "#selo @bob"),
        ("один\n   <br>  два<br><br>три", "один\nдва\n\nтри"),
        ('<i class="emoji" style="x"><b>😁</b></i> да', "😁 да"),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        ("<blockquote>раз<br>два</blockquote>", "> раз\n> два"),
    ],
)
def test_entities_become_markdown(markup: str, markdown: str) -> None:
    assert read_one(markup).text == markdown


def test_a_post_has_everything_the_page_shows() -> None:
    reply = (
        '<a class="tgme_widget_message_reply" href="https://t.me/selo/3"><div class="tgme_widget_message_text">'
        "цитата</div></a>"
    )
    forwarded = (
        '<div class="tgme_widget_message_forwarded_from">Forwarded from '
        '<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/town/1"><span>Город</span></a></div>'
    )
    post = read_one("Мост закрыт", reply + forwarded)
    assert (post.id, post.url, post.text) == ("5", "https://t.me/selo/5", "Мост закрыт")
    assert (post.reply_to, post.forwarded_from, post.edited, post.views) == ("3", "Город", True, 1_200_000)
    assert post.time == datetime(2026, 11, 18, 9, tzinfo=UTC)


def test_what_is_newer_than_this_is_read_all_the_same() -> None:
    rich = "<h2>Мост</h2><ul><li>закрыт</li><li>до <b>пятницы</b></li></ul><table><tr><td>паром</td></tr></table>"
    frame = '<div class="tgme_widget_message_author">Вести</div><div class="tgme_widget_message_footer">5 views</div>'
    bubble = f'<div class="tgme_widget_message_bubble">{frame}<div class="tgme_new_kind">{rich}</div></div>'
    page = f'<div class="tgme_widget_message" data-post="selo/5">{bubble}</div>'
    [post] = read_channel_page(page).posts
    assert post.text == "Мост\n\n- закрыт\n\n- до **пятницы**\n\nпаром"


def test_service_messages_are_no_posts_but_keep_their_numbers() -> None:
    page = read_channel_page(message("pinned", classes="service_message", number=4) + message("Мост", number=6))
    assert ([post.id for post in page.posts], page.numbers, page.is_whole) == (["6"], (4, 6), True)


def test_a_channel_without_a_preview_is_told_from_one_that_is_not() -> None:
    with pytest.raises(NotFoundError, match="no public channel"):
        read_channel_page('<div class="tgme_page"></div>')
    with pytest.raises(InvalidInputError, match="no public preview"):
        read_channel_page('<div class="tgme_page"><div class="tgme_page_title">Боб</div></div>')
    with pytest.raises(InvalidInputError, match="not a page"):
        read_channel_page("<html><body>hello</body></html>")


def test_a_real_page_is_read(shared_data: Path) -> None:
    page = read_channel_page((shared_data / "telegram-preview" / "full.html").read_text())
    assert (len(page.posts), page.numbers[0], page.numbers[-1], len(page.numbers)) == (12, 70989, 71008, 19)
    assert all(post.text and post.time and post.views for post in page.posts)
    album = next(post for post in page.posts if post.id == "71000")
    assert [each.type for each in album.media] == ["photo"] * 6
    assert sum(post.forwarded_from is not None for post in page.posts) == 5


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("message_media_file", ["document"]),
        ("message_media_photo_and_video", ["video", "photo", "photo"]),
        ("message_sticker", ["sticker"]),
        ("media_cicrle_video", ["video_message"]),
        ("media_photo", ["photo"]),
        ("media_video_too_big", ["video"]),
        ("poll", ["poll"]),
        ("message_text", []),
        ("message_link_preview", []),
    ],
)
def test_real_media_are_noted(shared_data: Path, name: str, kinds: list[str]) -> None:
    [post] = read_channel_page((shared_data / "telegram-preview" / f"{name}.html").read_text()).posts
    assert [each.type for each in post.media] == kinds


def chat(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "Вести", "type": "public_channel", "id": 77, "messages": list(messages), **more}


def said(number: int, text: Any = "Мост закрыт", **more: Any) -> dict[str, Any]:
    return {"id": number, "type": "message", "date_unixtime": "1763456400", "text": text, **more}


def export(*values: Any) -> list[Post]:
    return [post for value in values for post in read_export(io.BytesIO(json.dumps(value).encode()))]


def test_a_message_of_an_export_becomes_a_post() -> None:
    entities = [
        {"type": "bold", "text": "Мост "},
        {"type": "plain", "text": "закрыт: "},
        {"type": "text_link", "text": "тут", "href": "https://example.org"},
        {"type": "hashtag", "text": " #selo"},
        {"type": "pre", "text": "x", "language": "py"},
    ]
    more = {"forwarded_from": "Город", "reply_to_message_id": 3, "edited": "2026-01-01T00:00:00", "from": "Вести"}
    [post] = export(chat(said(5, text_entities=entities, photo="photos/1.jpg", **more)))
    assert post.text == "**Мост** закрыт: [тут](https://example.org) #selo```\nx\n```"
    assert (post.id, post.url, post.chat, post.chat_id) == ("5", "https://t.me/c/77/5", "Вести", "77")
    assert (post.forwarded_from, post.reply_to, post.edited, post.author) == ("Город", "3", True, None)
    assert (post.media, post.time) == ((Media("photo", name="1.jpg"),), datetime.fromtimestamp(1763456400, UTC))


def test_old_exports_mix_texts_and_entities() -> None:
    [post] = export(
        chat(
            {
                "id": 1,
                "type": "message",
                "date": "2020-01-02T03:04:05",
                "text": ["a ", {"type": "bold", "text": "b"}, 5],
            }
        )
    )
    assert (post.text, post.time) == ("a **b**", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC))


def test_a_whole_account_is_read_chat_by_chat() -> None:
    account = {"about": "x", "chats": {"list": [chat(said(1)), chat(said(1), name=None, id=78, type="saved_messages")]}}
    left = {"left_chats": {"about": "y", "list": [chat(said(9), name="Город", id=79)]}}
    posts = export(account | left)
    assert [(post.chat, post.chat_id, post.id) for post in posts] == [
        ("Вести", "77", "1"),
        (None, "78", "1"),
        ("Город", "79", "9"),
    ]


def test_what_is_no_message_is_left_out() -> None:
    odd: list[dict[str, Any]] = [{"type": "service", "id": 1}, {"id": "x", "type": "message"}, {"type": "message"}]
    assert [post.id for post in export(chat(*odd, said(2, None), said(3, {"a": 1})))] == ["2", "3"]


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.9])
def test_of_an_export_cut_short_the_whole_messages_are_kept(cut: float) -> None:
    whole = json.dumps(chat(*(said(number) for number in range(1000)))).encode()
    posts: list[Post] = []
    with pytest.raises(InvalidInputError, match="cut short"):
        posts.extend(read_export(io.BytesIO(whole[: int(len(whole) * cut)])))
    # `extend` keeps what came before the error.
    assert len(posts) == pytest.approx(1000 * cut, abs=2)


@pytest.mark.parametrize("body", [b"", b"hello", b"[1, 2", b"\xff\xfe"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInputError, match=r"cut short|damaged"):
        list(read_export(io.BytesIO(body)))


class Endless(io.RawIOBase):
    """An export as large as one likes, that was never anywhere whole."""

    def __init__(self, messages: int) -> None:
        self._lines = self._write(messages)
        self._rest = b""

    def _write(self, messages: int) -> Iterator[bytes]:
        yield b'{"name": "x", "type": "public_channel", "id": 1, "messages": ['
        for number in range(messages):
            yield json.dumps(said(number, "слово " * 100)).encode() + (b"," if number < messages - 1 else b"]}")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while len(self._rest) < len(buffer) and (line := next(self._lines, None)) is not None:
            self._rest += line
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_large_export_does_not_fill_memory() -> None:
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_export(io.BufferedReader(Endless(20_000))))  # 70 MB
        assert (count, tracemalloc.get_traced_memory()[1] < 4_000_000) == (20_000, True)
    finally:
        tracemalloc.stop()


def test_real_exports_are_read(shared_data: Path) -> None:
    found = {}
    for path in sorted((shared_data / "telegram-export").glob("*.json")):
        assert looks_like_export(path.read_text())
        with path.open("rb") as file:
            found[path.stem] = len(list(read_export(file)))
    assert found == {"account_result": 3, "personal_chat": 4, "result": 25}
