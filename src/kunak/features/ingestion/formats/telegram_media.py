"""The pictures, films and files that a post of a preview page shows."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement

from kunak.features.ingestion.formats.elements import classes, find_all, words_of
from kunak.features.ingestion.schemas import Media

_SITE = "https://t.me/"
_PICTURE = re.compile(r"""url\(\s*["']?([^"')]+)""")


def media_of(message: HtmlElement) -> Iterator[Media]:
    """What the message shows, noted in its order."""
    for element in message.iter(etree.Element):
        if found := read_media(element):
            yield found


def read_media(element: HtmlElement) -> Media | None:
    """What this element shows, if it is one that shows something."""
    match next((name for name in classes(element) if name in _MEDIA), None):
        case None:
            return None
        case "tgme_widget_message_photo_wrap":
            return Media("photo", _picture(element))
        case "tgme_widget_message_video_player":
            played = find_all(element, "message_video_play") or find_all(element, "message_video_duration")
            return Media("video" if played else "animation", _source(element))
        case "tgme_widget_message_document_wrap":
            audio = find_all(element, "audio")
            name = words_of(element, "tgme_widget_message_document_title") or None
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
