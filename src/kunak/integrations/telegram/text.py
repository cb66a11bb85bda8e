"""Formatted text the safe way: plain characters and entities beside them, so that no markup can be broken.

Telegram counts offsets and lengths in UTF-16 code units.
"""

from dataclasses import dataclass, field, replace
from typing import Any

MESSAGE_LIMIT = 4096


def utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass(frozen=True)
class Entity:
    """A stretch of text with a meaning (`bold`, `blockquote`, `text_link`, …), in UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None

    def to_params(self) -> dict[str, Any]:
        params: dict[str, Any] = {"type": self.type, "offset": self.offset, "length": self.length}
        return params if self.url is None else params | {"url": self.url}


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

    def parts(self, limit: int = MESSAGE_LIMIT) -> list["FormattedText"]:
        """The text in parts of at most `limit` UTF-16 units, none of it lost.

        Split between paragraphs, else lines, sentences, words; an entity across a border goes on in the next part.
        """
        parts, rest = [], self
        while utf16_length(rest.text) > limit:
            head, tail = _split(rest, limit)
            parts.append(head)
            rest = tail
        return [part for part in [*parts, rest] if part.text.strip()]


def _split(whole: FormattedText, limit: int) -> tuple[FormattedText, FormattedText]:
    fits = len(whole.text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", errors="ignore"))
    cut = _border(whole.text, fits)
    at = utf16_length(whole.text[:cut])
    head = FormattedText(whole.text[:cut])
    tail = FormattedText(whole.text[cut:])
    for entity in whole.entities:
        end = entity.offset + entity.length
        if entity.offset < at:
            head.entities.append(replace(entity, length=min(end, at) - entity.offset))
        if end > at:
            start = max(entity.offset, at)
            tail.entities.append(replace(entity, offset=start - at, length=end - start))
    return head, tail


def _border(text: str, fits: int) -> int:
    for border in ("\n\n", "\n", ". ", " "):
        found = text.rfind(border, fits // 2, fits)
        if found > 0:
            return found + len(border)
    return fits
