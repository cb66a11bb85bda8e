"""Messages of an account become posts, without a word lost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kunak.features.ingestion.formats.telegram_message import read_posts, to_markdown
from kunak.features.ingestion.formats.telegram_rich import read_rich
from kunak.features.ingestion.schemas import LinkPreview, Media, Post

NAMES = {"channel:5": "Вести", "user:7": "Боб"}


def message(number: int, text: str = "", **parts: Any) -> dict[str, Any]:
    return {"_": "Message", "id": number, "message": text, "date": datetime(2026, 11, 1, tzinfo=UTC), **parts}


def entity(kind: str, offset: int, length: int, **parts: Any) -> dict[str, Any]:
    return {"_": f"MessageEntity{kind}", "offset": offset, "length": length, **parts}


def read(*messages: dict[str, Any]) -> list[Post]:
    return read_posts(messages, NAMES, lambda number: f"https://t.me/town/{number}")


@pytest.mark.parametrize(
    ("text", "entities", "markdown"),
    [
        ("мост закрыт", [entity("Bold", 0, 4)], "**мост** закрыт"),
        ("😀 мост", [entity("Italic", 3, 4)], "😀 __мост__"),
        ("мост тут", [entity("TextUrl", 0, 4, url="https://a.b/c")], "[мост](https://a.b/c) тут"),
        ("раз два три", [entity("Bold", 0, 7), entity("Italic", 4, 3)], "**раз __два__** три"),
        ("раз два три", [entity("Italic", 4, 7), entity("Bold", 0, 7)], "**раз __два__** три"),
        ("a\nb", [entity("Blockquote", 0, 3)], "> a\n> b"),
        ("#тег @имя", [entity("Hashtag", 0, 4), entity("Newer", 5, 4)], "#тег @имя"),
        ("край", [entity("Bold", 2, 90), entity("Bold", -4, 2)], "кр**ай**"),
    ],
)
def test_entities_become_markdown(text: str, entities: list[dict[str, Any]], markdown: str) -> None:
    assert to_markdown(text, entities) == markdown


def test_forwards_replies_and_edits_are_kept() -> None:
    forward = {"from_id": {"_": "PeerChannel", "channel_id": 5}}
    [post] = read(message(9, "x", fwd_from=forward, reply_to={"reply_to_msg_id": 4}, edit_date=1, views=12))
    assert (post.id, post.forwarded_from, post.reply_to, post.edited, post.views) == ("9", "Вести", "4", True, 12)
    assert post.url == "https://t.me/town/9"
    [hidden] = read(message(9, "x", fwd_from={"from_name": "Кто-то"}, from_id={"_": "PeerUser", "user_id": 7}))
    assert (hidden.forwarded_from, hidden.author) == ("Кто-то", "Боб")


def test_an_album_is_one_post_and_service_messages_are_none() -> None:
    photo = {"_": "MessageMediaPhoto"}
    album = [message(n, "Праздник" if n == 3 else "", grouped_id=77, media=photo) for n in (4, 3)]
    posts = read(*album, {"_": "MessageService", "id": 5}, {"_": "MessageEmpty", "id": 6}, message(7, "Потом"))
    assert [(post.id, post.text, len(post.media)) for post in posts] == [("3", "Праздник", 2), ("7", "Потом", 0)]


def test_what_is_said_beside_the_text_is_kept() -> None:
    answers = [{"text": {"text": "Да"}}, {"text": {"text": "Нет"}}]
    poll = {"_": "MessageMediaPoll", "poll": {"question": {"text": "Открыть?"}, "answers": answers}}
    venue = {"_": "MessageMediaVenue", "title": "Рынок", "address": "Площадь, 1"}
    page = {"_": "WebPage", "url": "https://a.b", "title": "Мост", "description": "Открыт"}
    posts = read(
        message(1, media=poll),
        message(2, media=venue),
        message(3, "https://a.b", media={"_": "MessageMediaWebPage", "webpage": page}),
        message(4, "Новое", media={"_": "MessageMediaHologram"}),
    )
    assert [post.text for post in posts] == ["Открыть?\n- Да\n- Нет", "Рынок\nПлощадь, 1", "https://a.b", "Новое"]
    assert posts[2].link_preview == LinkPreview("https://a.b", "Мост", "Открыт")
    assert [post.media for post in posts] == [(Media("poll"),), (Media("location"),), (), (Media("hologram"),)]


def test_files_are_noted_by_what_they_are() -> None:
    def document(*attributes: dict[str, Any]) -> Any:
        media = {"_": "MessageMediaDocument", "document": {"attributes": list(attributes)}}
        return read(message(1, media=media))[0].media[0]

    name = {"_": "DocumentAttributeFilename", "file_name": "план.pdf"}
    assert document(name) == Media("document", name="план.pdf")
    assert document({"_": "DocumentAttributeAudio", "voice": True}).type == "voice"
    song = {"_": "DocumentAttributeAudio", "performer": "Хор", "title": "Песня"}
    assert document(song) == Media("audio", name="Хор – Песня")
    assert document({"_": "DocumentAttributeVideo", "round_message": True}).type == "video_message"
    assert document({"_": "DocumentAttributeSticker", "alt": "😀"}) == Media("sticker", name="😀")


def plain(text: str) -> dict[str, Any]:
    return {"_": "TextPlain", "text": text}


def block(kind: str, **parts: Any) -> dict[str, Any]:
    return {"_": f"PageBlock{kind}", **parts}


END = block("Footer", text=plain("итог"))
RICH = {
    "_": "RichMessage",
    "blocks": [
        block("Heading1", text=plain("Мост открыт")),
        block(
            "Paragraph",
            text={
                "_": "TextConcat",
                "texts": [
                    plain("Сегодня "),
                    {"_": "TextBold", "text": plain("утром")},
                    {"_": "TextUrl", "text": plain(" тут"), "url": "https://a.b", "webpage_id": 1},
                    {"_": "TextSparkling", "inner": plain("!")},
                ],
            },
        ),
        block("Divider"),
        block(
            "OrderedList",
            items=[
                {"_": "PageListOrderedItemText", "text": plain("раз")},
                {"_": "PageListOrderedItemBlocks", "blocks": [block("Paragraph", text=plain("два"))]},
            ],
        ),
        block(
            "Table",
            title=plain("Цены"),
            rows=[{"cells": [{"text": plain("хлеб")}, {"text": plain("40")}]}, {"cells": [{"text": None}]}],
        ),
        block("Details", title=plain("Ещё"), blocks=[block("BlockquoteBlocks", blocks=[END])]),
        block("Photo", photo_id=1, caption={"text": plain("На снимке"), "credit": plain("Боб")}),
        block("Carousel", slides=[{"_": "Slide", "heading": plain("Новый вид"), "url": "https://x"}], note="и слово"),
    ],
    "photos": [{"_": "Photo"}],
    "documents": [],
}  # fmt: skip


def test_a_rich_post_keeps_every_word_known_or_not() -> None:
    assert read_rich(RICH).split("\n\n") == [
        "Мост открыт",
        "Сегодня **утром** [тут](https://a.b)!",
        "1. раз\n2. два",
        "Цены",
        "хлеб | 40",
        "Ещё",
        "> итог",
        "На снимке",
        "Боб",
        "Новый вид",
        "и слово",
    ]
    [post] = read(message(1, "", rich_message=RICH))
    assert (post.text[:11], post.media) == ("Мост открыт", (Media("photo"),))


def test_a_rich_post_of_any_depth_is_read() -> None:
    inner: dict[str, Any] = block("Paragraph", text=plain("на дне"))
    for _ in range(500):
        inner = block("Details", title=None, blocks=[inner])
    assert read_rich({"blocks": [inner]}) == "на дне"
