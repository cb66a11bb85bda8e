"""Channels as `t.me/s/NAME` shows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from kunak.features.ingestion.errors import SourceClosedError
from kunak.features.ingestion.formats.charsets import decode
from kunak.features.ingestion.formats.elements import classes, find_all, has_class, is_inside, plain, words_of
from kunak.features.ingestion.formats.entities import mark
from kunak.features.ingestion.formats.feed import read_time
from kunak.features.ingestion.formats.html_text import parse_html
from kunak.features.ingestion.formats.telegram_media import media_of, read_media
from kunak.features.ingestion.schemas import LinkPreview, Post
from kunak.foundation.errors import InvalidInputError, NotFoundError

_SITE = "https://t.me/"
_BLANKS = re.compile(r"\s+")
_BREAK = "\0"  # not yet "\n": blanks around a break mean nothing, those around the line ends of <pre> do
_AROUND_BREAK = re.compile("(?:(?<! ) +)?\0 *")
_BLANK_LINES = re.compile(r"\n{3,}")
_ENTITIES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("s", "del", "strike"), "strikethrough"),
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
_BLOCKS = {
    "p",
    "div",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "figure",
    "details",
    "footer",
}
_COUNT = re.compile(r"([\d.,]+)\s*([KM]?)", re.IGNORECASE)
_TIMES = {"": 1, "K": 1000, "M": 1_000_000}


@dataclass(frozen=True)
class ChannelPage:
    """One page of a channel, oldest post first."""

    title: str
    posts: tuple[Post, ...]
    numbers: tuple[int, ...]
    """Of every message on it, service messages and the parts of albums too."""
    is_whole: bool
    """Nothing on it was left unread, so that a number missing between two others means that the message is gone."""


def looks_like_preview(markup: str) -> bool:
    """Whether this is a page of Telegram's about a channel or a post."""
    return "tgme_widget_message" in markup or "tgme_page" in markup or "tgme_channel_info" in markup


def read_channel_body(body: bytes, content_type: str) -> ChannelPage:
    """As below, from the bytes as they came."""
    return read_channel_page(decode(body, content_type))


def read_channel_page(markup: str) -> ChannelPage:
    """The posts of a preview page, or of a part of one.

    Raises:
        NotFoundError: Telegram knows no channel of this name.
        SourceClosedError: there is such a name, but nothing of it can be read without joining.
        InvalidInputError: this is no page of Telegram's.
    """
    tree = parse_html(markup)
    if tree is None or not looks_like_preview(markup):
        raise InvalidInputError("This is not a page of a Telegram channel.")
    messages = find_all(tree, "tgme_widget_message")
    parts = [] if messages else _loose_parts(tree)
    if (
        not messages
        and not parts
        and not find_all(tree, "tgme_channel_info")
        and not find_all(tree, "tgme_channel_history")
    ):
        _refuse(tree)
    read = [_read_message(each) for each in messages] + parts
    numbers = sorted({number for _, own in read for number in own})
    title = words_of(tree, "tgme_channel_info_header_title") or words_of(tree, "tgme_header_title") or _owner(messages)
    whole = bool(numbers) and all(own for _, own in read)
    return ChannelPage(title, tuple(post for post, _ in read if post), tuple(numbers), whole)


def _refuse(tree: HtmlElement) -> None:
    """Telegram sends whoever asks for a preview that does not exist to the page with the button «View in Telegram»."""
    title = words_of(tree, "tgme_page_title")
    if not title:
        raise NotFoundError("Telegram knows no public channel of this name.")
    extra = words_of(tree, "tgme_page_extra")
    what = f"«{title}»" + (f" ({extra})" if extra else "")
    raise SourceClosedError(
        f"{what} shows no public preview: it is private, or a person, a group or a bot. "
        "An export of Telegram Desktop can be read instead."
    )


def _owner(messages: list[HtmlElement]) -> str:
    return words_of(messages[0], "tgme_widget_message_owner_name") if messages else ""


def _loose_parts(tree: HtmlElement) -> list[tuple[Post | None, list[int]]]:
    """A poll or a picture that was saved without its message."""
    found = Post(id="", text=_text_of(tree), media=tuple(media_of(tree)), link_preview=_link_preview(tree))
    return [(found, [])] if found.text or found.media or found.link_preview else []


def _read_message(message: HtmlElement) -> tuple[Post | None, list[int]]:
    """The post, unless it is a service message, and the numbers it takes up."""
    name, _, number = (message.get("data-post") or "").partition("/")
    own = [int(number)] if number.isascii() and number.isdigit() else []
    if has_class(message, "service_message"):
        return None, own
    album = _album_numbers(message)
    post = Post(
        id=number,
        text=_text_of(message),
        url=f"{_SITE}{name}/{number}" if own else None,
        time=read_time(next((each.get("datetime") for each in _dates(message)), None)),
        media=tuple(media_of(message)),
        author=words_of(message, "tgme_widget_message_from_author") or None,
        forwarded_from=_forwarded(message),
        reply_to=_replied(message),
        edited="edited" in words_of(message, "tgme_widget_message_meta").split(),
        views=_views(words_of(message, "tgme_widget_message_views")),
        link_preview=_link_preview(message),
    )
    return post, sorted({*own, *album})


def _album_numbers(message: HtmlElement) -> Iterator[int]:
    for wrap in find_all(message, "tgme_widget_message_grouped_wrap"):
        for link in wrap.iter("a"):
            number = urlsplit(link.get("href") or "").path.rpartition("/")[2]
            if number.isascii() and number.isdigit():
                yield int(number)


def _dates(message: HtmlElement) -> Iterator[HtmlElement]:
    for link in find_all(message, "tgme_widget_message_date"):
        yield from link.iter("time")


def _text_of(message: HtmlElement) -> str:
    """The text and, of a poll, the question with its answers."""
    texts = [
        each
        for each in find_all(message, "tgme_widget_message_text")
        # Albums put the text into a second element of the same class; an answer quotes the text it answers to.
        if not is_inside(each, "tgme_widget_message_text", "tgme_widget_message_reply")
    ]
    parts = [_markdown(each).strip() for each in texts] or [_unknown_words(message)]
    return "\n\n".join(part for part in [*parts, *map(_poll, find_all(message, "tgme_widget_message_poll"))] if part)


def _unknown_words(message: HtmlElement) -> str:
    """What stands in a message of a kind that is newer than this: all but what every message has around it."""
    if any(read_media(each) for each in message.iter(etree.Element)) or find_all(
        message, "tgme_widget_message_link_preview"
    ):
        return ""
    return "\n\n".join(
        words
        for bubble in find_all(message, "tgme_widget_message_bubble")
        for each in bubble.iterchildren(etree.Element)
        if not _is_frame(each) and (words := _markdown(each).strip())
    )


def _is_frame(element: HtmlElement) -> bool:
    return element.tag in {"svg", "i"} or any(name.startswith(_FRAME) for name in classes(element))


_FRAME = (
    *(
        f"tgme_widget_message_{name}"
        for name in ("author", "footer", "user", "forwarded", "reply", "bubble_tail", "via", "reactions", "inline")
    ),
    "message_media_not_supported",
)


def _poll(poll: HtmlElement) -> str:
    question = words_of(poll, "tgme_widget_message_poll_question")
    answers = [plain(each) for each in find_all(poll, "tgme_widget_message_poll_option_text")]
    return "\n".join([question, *(f"- {answer}" for answer in answers)])


def _markdown(element: HtmlElement) -> str:
    """The element's words with Telegram's entities as Markdown."""
    pieces = [_collapse(element.text, element)]
    for child in element:
        if isinstance(child.tag, str):
            pieces.append(_child(child))
        pieces.append(_collapse(child.tail, element))
    return _BLANK_LINES.sub("\n\n", _AROUND_BREAK.sub("\n", "".join(pieces)))


def _collapse(text: str | None, element: HtmlElement) -> str:
    if not text:
        return ""
    return text if element.tag == "pre" else _BLANKS.sub(" ", text.replace("\xa0", " "))


def _child(child: HtmlElement) -> str:
    if child.tag == "br":
        return _BREAK
    if child.tag == "tg-emoji" or has_class(child, "emoji"):
        return plain(child)
    inner = _markdown(child)
    if child.tag == "a":
        return _link(child, inner)
    if child.tag in _BLOCKS:
        return f"{_BREAK}{'- ' if child.tag == 'li' else ''}{inner.strip()}{_BREAK}"
    return mark(_ENTITIES.get(child.tag, ""), inner)


def _link(link: HtmlElement, words: str) -> str:
    """A link whose words are its address, a hashtag or a name needs no marks."""
    # Since 2024 the preview escapes «&» twice in the addresses of links that ask before they open.
    address = (link.get("href") or "").replace("&amp;", "&").strip()
    bare = words.strip()
    if not address.startswith(("http://", "https://", "mailto:", "tg://")) or bare.startswith(("#", "@", "$")):
        return words
    if unquote(address).rstrip("/").partition("://")[2] == unquote(bare).rstrip("/").rpartition("://")[2]:
        return words
    return mark("text_link", words, address)


def _forwarded(message: HtmlElement) -> str | None:
    for each in find_all(message, "tgme_widget_message_forwarded_from"):
        for name in find_all(each, "tgme_widget_message_forwarded_from_name"):
            return plain(name) or None
        return plain(each).removeprefix("Forwarded from").strip() or None
    return None


def _replied(message: HtmlElement) -> str | None:
    for each in find_all(message, "tgme_widget_message_reply"):
        number = urlsplit(each.get("href") or "").path.rpartition("/")[2]
        return number or None
    return None


def _views(written: str) -> int | None:
    """33400 of `33.4K`."""
    found = _COUNT.match(written)
    if not found:
        return None
    try:
        return round(float(found[1].replace(",", "")) * _TIMES[found[2].upper()])
    except ValueError:
        return None


def _link_preview(message: HtmlElement) -> LinkPreview | None:
    for each in find_all(message, "tgme_widget_message_link_preview"):
        title, description = words_of(each, "link_preview_title"), words_of(each, "link_preview_description")
        return LinkPreview(each.get("href") or "", title, description)
    return None
