"""Formatted text the safe way: plain characters and entities beside them, so that no markup can be broken.

Telegram counts offsets and lengths in UTF-16 code units.
"""

from dataclasses import dataclass, field, replace
from typing import Any

MESSAGE_LIMIT = 4096
TABLE, HEADING, ITEM, RULE, FORMULA, MATH, QUOTE = "table", "heading", "item", "rule", "formula", "math", "quote"
MARKS = frozenset({TABLE, HEADING, ITEM, RULE, FORMULA, MATH, QUOTE})
"""What the text stands for, for who can show a real one: Telegram has no such entities."""
_MAY_BE_SPLIT = frozenset({"blockquote", "expandable_blockquote", ITEM, QUOTE})
_BORDERS = (("\n\n", 4), ("\n", 2), (". ", 2), (" ", 2))
"""Where a text is split, best first, and which part of the room (a quarter, half) it must fill at least."""


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True)
class Entity:
    """A stretch of text with a meaning (`bold`, `blockquote`, `text_link`, …), in UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    """Of code."""
    rows: "tuple[tuple[FormattedText, ...], ...]" = ()
    """Of a table, the head first."""
    aligned: tuple[str, ...] = ()
    """Of the columns of a table: `left`, `center`, `right`, or empty."""
    level: int = 0
    """Of a heading, from 1 to 6; of an item, how many lists it stands in."""
    number: int | None = None
    """Of an item in a list that counts."""
    label: str = ""
    """By which an item begins."""

    @property
    def end(self) -> int:
        return self.offset + self.length

    def to_params(self) -> dict[str, Any]:
        params: dict[str, Any] = {"type": self.type, "offset": self.offset, "length": self.length}
        given = {"url": self.url, "language": self.language}
        return params | {name: value for name, value in given.items() if value}


@dataclass
class FormattedText:
    """Text under construction."""

    text: str = ""
    entities: list[Entity] = field(default_factory=list)

    def add(self, text: str, kind: str | None = None, url: str | None = None) -> "FormattedText":
        """Append `text`, as an entity of this kind when one is named."""
        if kind is not None and text.strip():
            self.entities.append(Entity(kind, utf16_length(self.text), utf16_length(text), url))
        self.text += text
        return self

    def entity_params(self) -> list[dict[str, Any]]:
        """The entities as the Bot API takes them."""
        return [entity.to_params() for entity in self.entities if entity.type not in MARKS]

    def parts(self, limit: int = MESSAGE_LIMIT) -> list["FormattedText"]:
        """The text in parts of at most `limit` UTF-16 units, none of it lost.

        Split between paragraphs, else lines, sentences, words, and inside no entity where that can be; one that is
        longer than a part goes on in the next: code stays code, in its language.
        """
        parts, rest = [], self
        while utf16_length(rest.text) > limit:
            head, tail = _split(rest, limit)
            parts.append(head)
            rest = tail
        return [part for part in [*parts, rest] if part.text.strip()]


def _split(whole: FormattedText, limit: int) -> tuple[FormattedText, FormattedText]:
    fits = len(whole.text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", errors="ignore"))
    cut = _border(whole, fits, inside=False) or _border(whole, fits, inside=True) or fits
    at = utf16_length(whole.text[:cut])
    head = FormattedText(whole.text[:cut])
    tail = FormattedText(whole.text[cut:])
    for entity in whole.entities:
        if entity.type == TABLE and entity.offset < at < entity.end:
            continue
        if entity.offset < at:
            head.entities.append(replace(entity, length=min(entity.end, at) - entity.offset))
        if entity.end > at and not (entity.type == ITEM and entity.offset < at):
            start = max(entity.offset, at)
            tail.entities.append(replace(entity, offset=start - at, length=entity.end - start))
    return head, tail


def _with_what_follows(entity: Entity) -> Entity:
    """A heading does not stand at the end of a part: so long is the empty line behind it."""
    return replace(entity, length=entity.length + 3) if entity.type == HEADING else entity


def _border(whole: FormattedText, fits: int, *, inside: bool) -> int:
    """Where to split among the first `fits` characters; 0 when nowhere. `inside`: it may be within an entity."""
    solid = [] if inside else [_with_what_follows(each) for each in whole.entities if each.type not in _MAY_BE_SPLIT]
    for border, share in _BORDERS:
        found = whole.text.rfind(border, fits // share, fits)
        while found > 0:
            end = found + len(border)
            at = utf16_length(whole.text[:end]) if solid else 0
            if not any(entity.offset < at < entity.end for entity in solid):
                return end
            found = whole.text.rfind(border, fits // share, end - 1)
    return 0
