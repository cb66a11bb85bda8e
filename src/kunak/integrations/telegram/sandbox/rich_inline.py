"""Text inside rich messages: a string, a list, or a formatted piece."""

import re
from collections.abc import Callable
from typing import Any

from kunak.integrations.telegram.sandbox.entities import detect_entities
from kunak.integrations.telegram.sandbox.formatting import utf16_length
from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.rich_tree import Node

RichText = Any  # str | list[RichText] | JsonObject, as Telegram nests them

_PLAIN = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "mark": "marked",
    "sub": "subscript",
    "sup": "superscript",
    "tg-spoiler": "spoiler",
}
# What is found in plain text, as a rich text of its own: its type and the field that repeats it.
_FOUND = {
    "url": ("url", "url"),
    "email": ("email_address", "email_address"),
    "phone_number": ("phone_number", "phone_number"),
    "mention": ("mention", "username"),
    "hashtag": ("hashtag", "hashtag"),
    "cashtag": ("cashtag", "cashtag"),
    "bot_command": ("bot_command", "bot_command"),
}
_SPACE = re.compile(r"[ \t\r\n]+")


class Inline:
    """Reads inline elements. `references` are the names that links with `#` can mean besides anchors."""

    def __init__(self, references: frozenset[str], *, detect: bool) -> None:
        self._references = references
        self._detect = detect

    def read(self, children: list[Node | str], *, detect: bool = True, keep_space: bool = False) -> RichText:
        pieces: list[RichText] = []
        for child in children:
            if isinstance(child, Node):
                pieces.append(self._element(child))
            else:
                text = child if keep_space else _SPACE.sub(" ", child)
                pieces.extend(_with_found(text) if detect and self._detect else [text])
        return simplest([piece for piece in pieces if piece != ""])

    def _element(self, node: Node) -> RichText:
        if node.tag in _PLAIN:
            return {"type": _PLAIN[node.tag], "text": self.read(node.children, detect=node.tag != "code")}
        special: dict[str, Callable[[Node], RichText]] = {
            "br": lambda _: "\n",
            "a": self._link,
            "tg-reference": self._reference,
            "tg-emoji": _emoji,
            "tg-time": self._time,
            "tg-math": lambda math: {"type": "mathematical_expression", "expression": math.text()},
        }
        return special[node.tag](node) if node.tag in special else self.read(node.children)

    def _reference(self, node: Node) -> RichText:
        return {"type": "reference", "name": node.attributes.get("name", ""), "text": self.read(node.children)}

    def _link(self, node: Node) -> RichText:
        if "href" not in node.attributes:
            return {"type": "anchor", "name": node.attributes.get("name", "")}
        href, text = node.attributes["href"], self.read(node.children, detect=False)
        scheme, _, rest = href.partition(":")
        if href.startswith("#"):
            name = href[1:]
            if name in self._references:
                return {"type": "reference_link", "text": text, "reference_name": name}
            return {"type": "anchor_link", "text": text, "anchor_name": name}
        if scheme == "mailto":
            return {"type": "email_address", "text": text, "email_address": rest}
        if scheme == "tel":
            return {"type": "phone_number", "text": text, "phone_number": rest}
        return {"type": "url", "text": text, "url": href}

    def _time(self, node: Node) -> RichText:
        unix = node.attributes.get("unix", "")
        return {
            "type": "date_time",
            "text": self.read(node.children, detect=False),
            "unix_time": int(unix) if unix.isdecimal() else 0,
            "date_time_format": node.attributes.get("format", ""),
        }


def _emoji(node: Node) -> RichText:
    emoji_id = node.attributes.get("emoji-id", "")
    return {"type": "custom_emoji", "custom_emoji_id": emoji_id, "alternative_text": node.text()}


def simplest(pieces: list[RichText]) -> RichText:
    """One piece alone, several as a list, with neighbouring strings joined."""
    joined: list[RichText] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return "" if not joined else joined[0] if len(joined) == 1 else joined


def trimmed(text: RichText) -> RichText:
    """Without the space at both ends that only separated tags."""
    pieces = list(text) if isinstance(text, list) else [text]
    if pieces and isinstance(pieces[0], str):
        pieces[0] = pieces[0].lstrip()
    if pieces and isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    return simplest([piece for piece in pieces if piece != ""])


def rich_length(text: RichText) -> int:
    """Characters of a rich text or of anything that holds some, formulas included."""
    if isinstance(text, str):
        return utf16_length(text)
    if isinstance(text, list):
        return sum(map(rich_length, text))
    if not isinstance(text, dict):
        return 0
    return sum(rich_length(text[name]) for name in ("text", "expression", "alternative_text") if name in text)


def _with_found(text: str) -> list[RichText]:
    pieces: list[RichText] = []
    wide = text.encode("utf-16-le")
    done = 0
    for entity in detect_entities(text):
        start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
        found = wide[start:end].decode("utf-16-le")
        kind, name = _FOUND[entity["type"]]
        piece: JsonObject = {"type": kind, "text": found, name: found.lstrip("@") if kind == "mention" else found}
        pieces += [wide[done:start].decode("utf-16-le"), piece]
        done = end
    pieces.append(wide[done:].decode("utf-16-le"))
    return pieces
