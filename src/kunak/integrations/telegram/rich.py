"""Formatted text as a rich message: what stands for a table, a heading or a list becomes one.

Everything is escaped, nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

from kunak.integrations.telegram.markdown import OPEN_BOX, TICKED_BOX
from kunak.integrations.telegram.text import (
    FORMULA,
    HEADING,
    ITEM,
    MARKS,
    MATH,
    QUOTE,
    RULE,
    TABLE,
    Entity,
    FormattedText,
)

MOST_COLUMNS, MOST_BLOCKS, MOST_LISTS = 20, 500, 6
"""What Telegram takes; so many lists may stand in each other."""
_TAGS = {"bold": "b", "italic": "i", "strikethrough": "s", "code": "code", MATH: "tg-math"}
_BLOCKS = (*(MARKS - {MATH}), "pre")
_GAINING = (TABLE, HEADING, ITEM, FORMULA, MATH)
_BOXES = {f"{OPEN_BOX} ": '<input type="checkbox">', f"{TICKED_BOX} ": '<input type="checkbox" checked>'}
_BLOCK_TAG = re.compile("<(?:p|h[1-6r]|[uo]l|li|pre|blockquote|table|tr|tg-math-block)[ >]")
"""What Telegram counts as a block: items and rows too."""
_NO_BREAK_SPACE = "\u00a0"
_STEP = "   "
_RIGHT_TO_LEFT = ("R", "AL")


def gains_by_riches(text: FormattedText) -> bool:
    """Whether a rich message shows more of it than formatted text does, and Telegram takes it."""
    return has_riches(text) and fits_rich_message(text)


def has_riches(text: FormattedText) -> bool:
    return any(each.type in _GAINING for each in text.entities)


def fits_rich_message(text: FormattedText) -> bool:
    """Whether Telegram takes it as a rich message."""
    return (
        all(
            each.level <= MOST_LISTS if each.type == ITEM else len(each.rows[0]) <= MOST_COLUMNS
            for each in text.entities
            if each.type in (ITEM, TABLE)
        )
        and len(_BLOCK_TAG.findall("".join(_Rich(text).all()))) <= MOST_BLOCKS
    )


def to_rich_message(text: FormattedText) -> dict[str, Any]:
    """An `InputRichMessage`. No address is looked for in it: which may be followed was decided before."""
    message = {"html": "".join(_Rich(text).all()), "skip_entity_detection": True}
    return message | ({"is_rtl": True} if _is_right_to_left(text.text) else {})


def _is_right_to_left(text: str) -> bool:
    """By its first letter, as a client tells of any other message."""
    directions = (unicodedata.bidirectional(each) for each in text if each.isalpha())
    return next(directions, "L") in _RIGHT_TO_LEFT


@dataclass(frozen=True)
class _Stretch:
    """A part of a text. `blocks`: those in it, outermost first; `indent`: what each of its lines begins with."""

    start: int
    end: int
    blocks: Sequence[Entity]
    indent: str = ""


class _Rich:
    def __init__(self, text: FormattedText) -> None:
        self._units = text.text.encode("utf-16-le")
        self._entities = [each for each in text.entities if each.type not in _BLOCKS]
        self._blocks = sorted((each for each in text.entities if each.type in _BLOCKS), key=_outermost_first)

    def all(self) -> Iterator[str]:
        return self._written(_Stretch(0, len(self._units) // 2, self._blocks))

    def _written(self, stretch: _Stretch) -> Iterator[str]:
        """Its blocks, and what stands between them as paragraphs; items that follow each other are a list."""
        done, items = stretch.start, list[str]()
        last: Entity | None = None
        for number, block in enumerate(stretch.blocks):
            if block.offset >= stretch.end:
                break
            if block.end <= done:
                continue
            between = list(self._paragraphs(done, block.offset, stretch.indent))
            inner = _Stretch(block.offset, min(block.end, stretch.end), stretch.blocks[number + 1 :], stretch.indent)
            if last is not None and (between or not _go_together(last, block)):
                yield _list(items, last)
                items, last = [], None
            yield from between
            if block.type == ITEM:
                last = last or block
                items.append(self._item(block, inner))
            else:
                yield self._block(block, inner)
            done = inner.end
        if last is not None:
            yield _list(items, last)
        yield from self._paragraphs(done, stretch.end, stretch.indent)

    def _block(self, block: Entity, inner: _Stretch) -> str:
        if block.type == RULE:
            return "<hr>"
        if block.type == TABLE:
            rows = (_row(row, block.aligned, is_head=number == 0) for number, row in enumerate(block.rows))
            return f"<table bordered>{''.join(rows)}</table>"
        if block.type == FORMULA:
            return f"<tg-math-block>{escape(self._text(inner.start, inner.end), quote=False)}</tg-math-block>"
        if block.type == HEADING:
            return f"<h{block.level}>{self.inline(inner.start, inner.end)}</h{block.level}>"
        if block.type == QUOTE:
            return f"<blockquote>{''.join(self._written(inner))}</blockquote>"
        language = f' class="language-{escape(block.language)}"' if block.language else ""
        return f"<pre><code{language}>{escape(self._text(inner.start, inner.end))}</code></pre>"

    def _item(self, item: Entity, inner: _Stretch) -> str:
        labelled = _Stretch(inner.start + len(item.label), inner.end, inner.blocks, _STEP * item.level)
        return f"<li>{_BOXES.get(item.label, '')}{''.join(self._written(labelled))}</li>"

    def _paragraphs(self, start: int, end: int, indent: str) -> Iterator[str]:
        at = start
        for paragraph in self._text(start, end).split("\n\n"):
            length = len(paragraph.encode("utf-16-le")) // 2
            if text := paragraph.lstrip("\n").rstrip():
                indented = len(indent) if text.startswith(indent) else 0
                begun = at + paragraph.index(text) + indented
                yield f"<p>{self.inline(begun, begun - indented + _units(text), indent)}</p>"
            at += length + 2

    def inline(self, start: int, end: int, indent: str = "") -> str:
        """A stretch without blocks, every piece of it in tags of its own: entities may overlap, tags may not."""
        within = [each for each in self._entities if each.offset < end and each.end > start]
        borders = {start, end} | {place for each in within for place in (each.offset, each.end) if start < place < end}
        pieces = []
        for begun, ended in pairwise(sorted(borders)):
            piece = _spaced(escape(self._text(begun, ended).replace(f"\n{indent}", "\n"), quote=False))
            covering = [each for each in within if each.offset <= begun and each.end >= ended]
            is_math = any(each.type == MATH for each in covering)
            for entity in covering:
                piece = piece if is_math and entity.type == "code" else _tagged(piece, entity)
            pieces.append(piece)
        return "".join(pieces)

    def _text(self, start: int, end: int) -> str:
        return self._units[2 * start : 2 * end].decode("utf-16-le")


def _outermost_first(block: Entity) -> tuple[int, int]:
    """Those that are equally long stand in this order already."""
    return block.offset, -block.length


def _go_together(item: Entity, block: Entity) -> bool:
    return block.type == ITEM and item.level == block.level and (item.number is None) == (block.number is None)


def _list(items: Sequence[str], first: Entity) -> str:
    within = "".join(items)
    if first.number is None:
        return f"<ul>{within}</ul>"
    return f'<ol start="{first.number}">{within}</ol>'


def _row(cells: Sequence[FormattedText], aligned: Sequence[str], *, is_head: bool) -> str:
    tag = "th" if is_head else "td"
    begins = (f'<{tag} align="{each}">' if each else f"<{tag}>" for each in aligned)
    return f"<tr>{''.join(f'{begun}{_cell(cell)}</{tag}>' for begun, cell in zip(begins, cells, strict=True))}</tr>"


def _cell(cell: FormattedText) -> str:
    return _Rich(cell).inline(0, _units(cell.text))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _tagged(piece: str, entity: Entity) -> str:
    if entity.type == "text_link":
        return f'<a href="{escape(entity.url or "")}">{piece}</a>'
    tag = _TAGS.get(entity.type)
    return f"<{tag}>{piece}</{tag}>" if tag else piece


def _spaced(piece: str) -> str:
    """Line breaks and indents, which HTML would swallow."""
    return piece.replace("   ", _NO_BREAK_SPACE * 3).replace("\n", "<br>")
