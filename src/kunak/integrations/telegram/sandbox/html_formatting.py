"""Telegram's HTML: the tags it knows, and its words for those that are broken."""

import re
from html import unescape

from kunak.integrations.telegram.sandbox.formatting import Plain
from kunak.integrations.telegram.sandbox.refusals import JsonObject

_ENTITY_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(
    r"""\s*(?P<name>[^\s=>]*)\s*(?:=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[\w.-]+)))?"""
)
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#[xX][0-9a-fA-F]+);")
_LANGUAGE = "language-"


def parse_html(markup: str) -> Plain:
    """Raises Refusal for tags that are unknown, unclosed or crossed."""
    plain = Plain(markup)
    at = 0
    while at < len(markup):
        tag_at = markup.find("<", at)
        end = len(markup) if tag_at < 0 else tag_at
        plain.add(_REFERENCE.sub(lambda found: unescape(found.group()), markup[at:end]))
        at = end
        if tag_at >= 0:
            at = _read_end_tag(plain, tag_at) if markup.startswith("</", tag_at) else _read_start_tag(plain, tag_at)
    if plain.open:
        raise plain.broken(f'Can\'t find end tag corresponding to start tag "{plain.open[-1].name}"')
    return plain


def _read_start_tag(plain: Plain, tag_at: int) -> int:
    """Where the text goes on."""
    name_end = _NAME.match(plain.markup, tag_at + 1)
    assert name_end is not None  # noqa: S101 - the pattern takes any text, also none
    name, at = name_end.group().lower(), name_end.end()
    if at >= len(plain.markup):
        raise plain.broken("Unclosed start tag", tag_at)
    if name not in _ENTITY_OF_TAG:
        raise plain.broken(f'Unsupported start tag "{name}"', tag_at)
    attributes: dict[str, str] = {}
    while plain.markup[at] != ">":
        at = _read_attribute(plain, name, tag_at, at, attributes)
    if name == "span" and not attributes.get("class", "").startswith("tg-spoiler"):
        raise plain.broken('Tag "span" must have class "tg-spoiler"', tag_at)
    plain.begin(name, tag_at, dict(attributes))
    return at + 1


def _read_attribute(plain: Plain, tag: str, tag_at: int, at: int, attributes: dict[str, str]) -> int:
    found = _ATTRIBUTE.match(plain.markup, at)
    assert found is not None  # noqa: S101 - every part of the pattern is optional
    at = found.end()
    if at >= len(plain.markup):
        raise plain.broken("Unclosed start tag", tag_at)
    if found["name"]:
        value = found["double"] or found["single"] or found["bare"] or ""
        attributes[found["name"].lower()] = unescape(value)
        if plain.markup[at] in "=\"'":
            raise plain.broken("Unclosed start tag", tag_at)
    elif plain.markup[at] != ">":
        raise plain.broken(f'Empty attribute name in the tag "{tag}"', tag_at)
    return at


def _read_end_tag(plain: Plain, tag_at: int) -> int:
    if not plain.open:
        raise plain.broken("Unexpected end tag", tag_at)
    close = plain.markup.find(">", tag_at)
    name = plain.markup[tag_at + 2 : close].strip().lower()
    if close < 0 or " " in name:
        raise plain.broken("Unclosed end tag", tag_at)
    opened = plain.open[-1]
    if name and name != opened.name:
        where = len(plain.markup[:tag_at].encode())
        raise plain.broken(f'Unmatched end tag at byte offset {where}, expected "</{opened.name}>", found "</{name}>"')
    _close(plain, opened.name, {key: str(value) for key, value in opened.extra.items()})
    return close + 1


def _close(plain: Plain, tag: str, attributes: dict[str, str]) -> None:
    kind = _ENTITY_OF_TAG[tag]
    if tag == "a":
        _close_link(plain, attributes.get("href", ""))
    elif tag == "tg-emoji":
        plain.end(kind, custom_emoji_id=attributes.get("emoji-id", ""))
    elif tag == "tg-time":
        plain.end(kind, **_time_of(attributes))
    elif tag == "blockquote" and "expandable" in attributes:
        plain.end("expandable_blockquote")
    elif tag == "code" and attributes.get("class", "").startswith(_LANGUAGE) and _is_whole_pre(plain):
        plain.open[-2].extra["language"] = attributes["class"].removeprefix(_LANGUAGE)
        plain.open.pop()
    elif tag == "pre":
        plain.end(kind, **({"language": attributes["language"]} if "language" in attributes else {}))
    else:
        plain.end(kind)


def _close_link(plain: Plain, address: str) -> None:
    """A link without an address is its text when that is one, else nothing."""
    url = address or "".join(plain.parts)[-(plain.length - plain.open[-1].offset) :]
    if "." in url or "://" in url:
        plain.end("text_link", url=url if ":" in url else f"http://{url}/")
    else:
        plain.open.pop()


def _time_of(attributes: dict[str, str]) -> JsonObject:
    unix = attributes.get("unix", "")
    time: JsonObject = {"unix_time": int(unix) if unix.isdecimal() else 0}
    return time | ({"date_time_format": attributes["format"]} if "format" in attributes else {})


def _is_whole_pre(plain: Plain) -> bool:
    """`<pre><code class="language-…">` is one block with a language."""
    return len(plain.open) > 1 and plain.open[-2].name == "pre" and plain.open[-2].offset == plain.open[-1].offset
