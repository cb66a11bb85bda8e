"""Channels as `t.me/s/NAME` shows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from kunak.features.ingestion.formats.entities import mark
from kunak.features.ingestion.formats.feed import read_time
from kunak.features.ingestion.formats.html_text import parse_html
from kunak.features.ingestion.schemas import LinkPreview, Media, Post
from kunak.foundation.errors import InvalidInputError, NotFoundError

_SITE = "https://t.me/"
_BLANKS = re.compile(r"\s+")
_BREAK = "\0"  # not yet "\n": blanks around a break mean nothing, those around the line ends of <pre> do
_AROUND_BREAK = re.compile(" *\0 *")
_PICTURE = re.compile(r"""url\(\s*["']?([^"')]+)""")
_ENTITIES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("s", "del", "strike"), "strikethrough"),
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
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


def read_channel_page(markup: str) -> ChannelPage:
    """The posts of a preview page, or of a part of one.

    Raises:
        NotFoundError: Telegram knows no channel of this name.
        InvalidInputError: there is such a name, but nothing of it can be read without joining.
    """
    tree = parse_html(markup)
    if tree is None or not looks_like_preview(markup):
        raise InvalidInputError("This is not a page of a Telegram channel.")
    messages = _find(tree, "tgme_widget_message")
    parts = [] if messages else _loose_parts(tree)
    if not messages and not parts and not _find(tree, "tgme_channel_info") and not _find(tree, "tgme_channel_history"):
        _refuse(tree)
    read = [_read_message(each) for each in messages] + parts
    numbers = sorted({number for _, own in read for number in own})
    title = _words(tree, "tgme_channel_info_header_title") or _words(tree, "tgme_header_title") or _owner(messages)
    whole = bool(numbers) and all(own for _, own in read)
    return ChannelPage(title, tuple(post for post, _ in read if post), tuple(numbers), whole)


def _refuse(tree: HtmlElement) -> None:
    """Telegram sends whoever asks for a preview that does not exist to the page with the button «View in Telegram»."""
    title = _words(tree, "tgme_page_title")
    if not title:
        raise NotFoundError("Telegram knows no public channel of this name.")
    extra = _words(tree, "tgme_page_extra")
    what = f"«{title}»" + (f" ({extra})" if extra else "")
    raise InvalidInputError(
        f"{what} shows no public preview: it is private, or a person, a group or a bot. "
        "An export of Telegram Desktop can be read instead."
    )


def _owner(messages: list[HtmlElement]) -> str:
    return _words(messages[0], "tgme_widget_message_owner_name") if messages else ""


def _loose_parts(tree: HtmlElement) -> list[tuple[Post | None, list[int]]]:
    """A poll or a picture that was saved without its message."""
    found = Post(id="", text=_text_of(tree), media=tuple(_media(tree)), link_preview=_link_preview(tree))
    return [(found, [])] if found.text or found.media or found.link_preview else []


def _read_message(message: HtmlElement) -> tuple[Post | None, list[int]]:
    """The post, unless it is a service message, and the numbers it takes up."""
    name, _, number = (message.get("data-post") or "").partition("/")
    own = [int(number)] if number.isascii() and number.isdigit() else []
    if _has(message, "service_message"):
        return None, own
    album = _album_numbers(message)
    post = Post(
        id=number,
        text=_text_of(message),
        url=f"{_SITE}{name}/{number}" if own else None,
        time=read_time(next((each.get("datetime") for each in _dates(message)), None)),
        media=tuple(_media(message)),
        author=_words(message, "tgme_widget_message_from_author") or None,
        forwarded_from=_forwarded(message),
        reply_to=_replied(message),
        edited="edited" in _words(message, "tgme_widget_message_meta").split(),
        views=_views(_words(message, "tgme_widget_message_views")),
        link_preview=_link_preview(message),
    )
    return post, sorted({*own, *album})


def _album_numbers(message: HtmlElement) -> Iterator[int]:
    for wrap in _find(message, "tgme_widget_message_grouped_wrap"):
        for link in wrap.iter("a"):
            number = urlsplit(link.get("href") or "").path.rpartition("/")[2]
            if number.isascii() and number.isdigit():
                yield int(number)


def _dates(message: HtmlElement) -> Iterator[HtmlElement]:
    for link in _find(message, "tgme_widget_message_date"):
        yield from link.iter("time")


def _text_of(message: HtmlElement) -> str:
    """The text and, of a poll, the question with its answers."""
    texts = [
        each
        for each in _find(message, "tgme_widget_message_text")
        # Albums put the text into a second element of the same class; an answer quotes the text it answers to.
        if not _is_inside(each, "tgme_widget_message_text", "tgme_widget_message_reply")
    ]
    parts = [_markdown(each).strip() for each in texts]
    return "\n\n".join(part for part in [*parts, *map(_poll, _find(message, "tgme_widget_message_poll"))] if part)


def _poll(poll: HtmlElement) -> str:
    question = _words(poll, "tgme_widget_message_poll_question")
    answers = [_plain(each) for each in _find(poll, "tgme_widget_message_poll_option_text")]
    return "\n".join([question, *(f"- {answer}" for answer in answers)])


def _markdown(element: HtmlElement) -> str:
    """The element's words with Telegram's entities as Markdown."""
    pieces = [_collapse(element.text, element)]
    for child in element:
        if isinstance(child.tag, str):
            pieces.append(_child(child))
        pieces.append(_collapse(child.tail, element))
    return _AROUND_BREAK.sub("\n", "".join(pieces))


def _collapse(text: str | None, element: HtmlElement) -> str:
    if not text:
        return ""
    return text if element.tag == "pre" else _BLANKS.sub(" ", text.replace("\xa0", " "))


def _child(child: HtmlElement) -> str:
    if child.tag == "br":
        return _BREAK
    if child.tag == "tg-emoji" or _has(child, "emoji"):
        return _plain(child)
    inner = _markdown(child)
    if child.tag == "a":
        return _link(child, inner)
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
    for each in _find(message, "tgme_widget_message_forwarded_from"):
        for name in _find(each, "tgme_widget_message_forwarded_from_name"):
            return _plain(name) or None
        return _plain(each).removeprefix("Forwarded from").strip() or None
    return None


def _replied(message: HtmlElement) -> str | None:
    for each in _find(message, "tgme_widget_message_reply"):
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
    for each in _find(message, "tgme_widget_message_link_preview"):
        title, description = _words(each, "link_preview_title"), _words(each, "link_preview_description")
        return LinkPreview(each.get("href") or "", title, description)
    return None


def _media(message: HtmlElement) -> Iterator[Media]:
    for element in message.iter(etree.Element):
        if found := _one_media(element):
            yield found


def _one_media(element: HtmlElement) -> Media | None:
    match next((name for name in _classes(element) if name in _MEDIA), None):
        case None:
            return None
        case "tgme_widget_message_photo_wrap":
            return Media("photo", _picture(element))
        case "tgme_widget_message_video_player":
            played = _find(element, "message_video_play") or _find(element, "message_video_duration")
            return Media("video" if played else "animation", _source(element))
        case "tgme_widget_message_document_wrap":
            audio = _find(element, "audio")
            name = _words(element, "tgme_widget_message_document_title") or None
            return Media("audio" if audio else "document", element.get("href"), name)
        case name:
            return Media(_MEDIA[name], _source(element) or _picture(element))


_MEDIA = {
    "tgme_widget_message_photo_wrap": "photo",
    "tgme_widget_message_video_player": "video",
    "tgme_widget_message_roundvideo_player": "video_message",
    "tgme_widget_message_document_wrap": "document",
    "tgme_widget_message_voice_player": "voice",
    "tgme_widget_message_sticker_wrap": "sticker",
    "tgme_widget_message_poll": "poll",
    "tgme_widget_message_location_wrap": "location",
    "tgme_widget_message_contact": "contact",
    "tgme_widget_message_invoice": "invoice",
    "tgme_widget_message_game": "game",
}


def _picture(element: HtmlElement) -> str | None:
    for each in element.iter(etree.Element):
        if found := _PICTURE.search(each.get("style") or ""):
            return str(urljoin(_SITE, found[1]))
    return None


def _source(element: HtmlElement) -> str | None:
    for each in element.iter("video", "audio", "source", "img"):
        found = each.get("src") or each.get("srcset")
        if found and not found.startswith("data:"):
            return str(urljoin(_SITE, found))
    return None


def _classes(element: HtmlElement) -> list[str]:
    return (element.get("class") or "").split()


def _has(element: HtmlElement, name: str) -> bool:
    return name in _classes(element)


def _find(element: HtmlElement, name: str) -> list[HtmlElement]:
    return [each for each in element.iter(etree.Element) if _has(each, name)]


def _is_inside(element: HtmlElement, *names: str) -> bool:
    return any(_has(above, name) for above in element.iterancestors() for name in names)


def _words(element: HtmlElement, name: str) -> str:
    return next((_plain(each) for each in _find(element, name)), "")


def _plain(element: HtmlElement) -> str:
    return _BLANKS.sub(" ", "".join(element.itertext())).strip()
