"""Markup becomes text and entities as at Telegram, and broken markup is refused with its place."""

import pytest
from aiogram.types import MessageEntity
from tests.integrations.telegram.sandbox.conftest import Town

from kunak.integrations.telegram.sandbox.entities import detect_entities
from kunak.integrations.telegram.sandbox.formatting import Plain
from kunak.integrations.telegram.sandbox.html_formatting import parse_html
from kunak.integrations.telegram.sandbox.markdown_formatting import parse_markdown, parse_markdown_v2
from kunak.integrations.telegram.sandbox.refusals import Refusal


def entities(plain: Plain) -> list[tuple[str, int, int]]:
    return [(entity["type"], entity["offset"], entity["length"]) for entity in plain.sorted_entities()]


def problem(refusal: Refusal) -> str:
    return refusal.description.removeprefix("Bad Request: can't parse entities: ")


@pytest.mark.parametrize(
    ("markup", "text", "found"),
    [
        ("<b>bold <i>both</i></b> &lt;ok&gt; &copy;", "bold both <ok> &copy;", [("bold", 0, 9), ("italic", 5, 4)]),
        ("👍<u>under</u>", "👍under", [("underline", 2, 5)]),
        ('<a href="https://kunak.test/?a=1&amp;b=2">link</a>', "link", [("text_link", 0, 4)]),
        ('<pre><code class="language-python">x = 1</code></pre>', "x = 1", [("pre", 0, 5)]),
        ("<blockquote expandable>long</blockquote>", "long", [("expandable_blockquote", 0, 4)]),
        (
            '<span class="tg-spoiler">no</span><tg-spoiler>pe</tg-spoiler>',
            "nope",
            [("spoiler", 0, 2), ("spoiler", 2, 2)],
        ),
        ("<b></b>nothing", "nothing", []),
    ],
)
def test_html(markup: str, text: str, found: list[tuple[str, int, int]]) -> None:
    plain = parse_html(markup)
    assert (plain.text(), entities(plain)) == (text, found)


@pytest.mark.parametrize(
    ("markup", "sentence"),
    [
        ("я <div>x</div>", 'Unsupported start tag "div" at byte offset 3'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken_html(markup: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        parse_html(markup)
    assert problem(refusal.value) == sentence


@pytest.mark.parametrize(
    ("markup", "text", "found"),
    [
        ("*bold _both_*", "bold both", [("bold", 0, 9), ("italic", 5, 4)]),
        (
            "__under__ ~struck~ ||hidden||",
            "under struck hidden",
            [("underline", 0, 5), ("strikethrough", 6, 6), ("spoiler", 13, 6)],
        ),
        ("1\\.5 \\- 2\\!", "1.5 - 2!", []),
        ("```python\nx = 1```", "x = 1", [("pre", 0, 5)]),
        ("`a_b*c`", "a_b*c", [("code", 0, 5)]),
        ("[link](https://kunak.test/a\\)b)", "link", [("text_link", 0, 4)]),
        (">quoted\n>more\nnot", "quoted\nmore\nnot", [("blockquote", 0, 12)]),
        (">long\n>end||", "long\nend", [("expandable_blockquote", 0, 8)]),
        (">one\n**>two", "one\ntwo", [("blockquote", 0, 4), ("blockquote", 4, 3)]),
        ("🏟 🏟_🏟 *🏟*_", "🏟 🏟🏟 🏟", [("italic", 5, 5), ("bold", 8, 2)]),
    ],
)
def test_markdown_v2(markup: str, text: str, found: list[tuple[str, int, int]]) -> None:
    plain = parse_markdown_v2(markup)
    assert (plain.text(), entities(plain)) == (text, found)


@pytest.mark.parametrize(
    ("markup", "sentence"),
    [
        ("Version 1.0", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a > b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
        ("я *bold", "Can't find end of Bold entity at byte offset 3"),
        ("__under", "Can't find end of Underline entity at byte offset 0"),
        ("`code", "Can't find end of Code entity at byte offset 0"),
        ("[a](b", "Can't find end of a URL at byte offset 3"),
    ],
)
def test_broken_markdown_v2(markup: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        parse_markdown_v2(markup)
    assert problem(refusal.value) == sentence


def test_the_older_markdown() -> None:
    plain = parse_markdown("*bold* _it_ `code` [link](https://kunak.test) 1.5 \\_")
    assert plain.text() == "bold it code link 1.5 _"
    assert entities(plain) == [("bold", 0, 4), ("italic", 5, 2), ("code", 8, 4), ("text_link", 13, 4)]
    with pytest.raises(Refusal) as refusal:
        parse_markdown("a *b")
    assert problem(refusal.value) == "Can't find end of the entity starting at byte offset 2"


def test_commands_mentions_and_addresses_are_found() -> None:
    text = "👍 /ask@town_bot @alice #news $USD https://kunak.test/a. me@kunak.ge kunak.ge"
    found = [(e["type"], MessageEntity(**e).extract_from(text)) for e in detect_entities(text)]
    assert found == [
        ("bot_command", "/ask@town_bot"),
        ("mention", "@alice"),
        ("hashtag", "#news"),
        ("cashtag", "$USD"),
        ("url", "https://kunak.test/a"),
        ("email", "me@kunak.ge"),
        ("url", "kunak.ge"),
    ]


async def test_a_bot_sends_html_and_space_around_it_is_cut(town: Town) -> None:
    town.sandbox.write_to(town.bot, town.alice, "hello")
    sent = await town.client.send_message(town.alice.id, "  <b>1</b> @alice <code>@bob</code> ", parse_mode="HTML")
    assert sent.text == "1 @alice @bob"
    assert [(e.type, e.offset) for e in sent.entities or []] == [("bold", 0), ("mention", 2), ("code", 9)]


async def test_markup_is_read_before_the_chat_is_looked_for(town: Town) -> None:
    status, sentence = await town.refused("sendMessage", chat_id=1, text="1.0", parse_mode="MarkdownV2")
    assert status == 400
    assert sentence.startswith("Bad Request: can't parse entities: Character '.'")
