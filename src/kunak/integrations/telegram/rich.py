"""Formatted text as a rich message: what stands for a table becomes one. Everything is escaped, nothing is guessed."""

from collections.abc import Iterator
from html import escape
from itertools import pairwise
from typing import Any

from kunak.integrations.telegram.text import TABLE, Entity, FormattedText

MOST_COLUMNS = 20
_TAGS = {"bold": "b", "italic": "i", "strikethrough": "s", "code": "code"}
_QUOTES = ("blockquote", "expandable_blockquote")
_BLOCKS = (TABLE, "pre", *_QUOTES)
_NO_BREAK_SPACE = "\u00a0"


def gains_by_riches(text: FormattedText) -> bool:
    """Whether a rich message shows more of it than formatted text does: a table that is one."""
    tables = [entity for entity in text.entities if entity.type == TABLE]
    return bool(tables) and all(len(table.rows[0]) <= MOST_COLUMNS for table in tables)


def to_rich_message(text: FormattedText) -> dict[str, Any]:
    """An `InputRichMessage`. No address is looked for in it: which may be followed was decided before."""
    return {"html": "".join(_Rich(text).blocks()), "skip_entity_detection": True}


class _Rich:
    def __init__(self, text: FormattedText) -> None:
        self._units = text.text.encode("utf-16-le")
        self._entities = text.entities

    def blocks(self) -> Iterator[str]:
        done = 0
        for block in sorted((each for each in self._entities if each.type in _BLOCKS), key=_outermost_first):
            if block.offset < done:
                continue
            yield from self._paragraphs(done, block.offset)
            yield self._block(block)
            done = block.end
        yield from self._paragraphs(done, len(self._units) // 2)

    def _block(self, block: Entity) -> str:
        if block.type == TABLE:
            rows = (_row(row, is_head=number == 0) for number, row in enumerate(block.rows))
            return f"<table bordered>{''.join(rows)}</table>"
        if block.type in _QUOTES:
            return f"<blockquote>{''.join(self._paragraphs(block.offset, block.end))}</blockquote>"
        language = f' class="language-{escape(block.language)}"' if block.language else ""
        return f"<pre><code{language}>{escape(self._text(block.offset, block.end))}</code></pre>"

    def _paragraphs(self, start: int, end: int) -> Iterator[str]:
        at = start
        for paragraph in self._text(start, end).split("\n\n"):
            length = len(paragraph.encode("utf-16-le")) // 2
            if paragraph.strip():
                yield f"<p>{self.inline(at, at + length)}</p>"
            at += length + 2

    def inline(self, start: int, end: int) -> str:
        """A stretch without blocks, every piece of it in tags of its own: entities may overlap, tags may not."""
        within = [
            each for each in self._entities if each.type not in _BLOCKS and each.offset < end and each.end > start
        ]
        borders = {start, end} | {place for each in within for place in (each.offset, each.end) if start < place < end}
        pieces = []
        for begun, ended in pairwise(sorted(borders)):
            piece = _spaced(escape(self._text(begun, ended), quote=False))
            for entity in within:
                if entity.offset <= begun and entity.end >= ended:
                    piece = _tagged(piece, entity)
            pieces.append(piece)
        return "".join(pieces)

    def _text(self, start: int, end: int) -> str:
        return self._units[2 * start : 2 * end].decode("utf-16-le")


def _outermost_first(block: Entity) -> tuple[int, int, bool]:
    return block.offset, -block.length, block.type != TABLE


def _row(cells: tuple[FormattedText, ...], *, is_head: bool) -> str:
    tag = "th" if is_head else "td"
    return f"<tr>{''.join(f'<{tag}>{_cell(cell)}</{tag}>' for cell in cells)}</tr>"


def _cell(cell: FormattedText) -> str:
    return _Rich(cell).inline(0, len(cell.text.encode("utf-16-le")) // 2)


def _tagged(piece: str, entity: Entity) -> str:
    if entity.type == "text_link":
        return f'<a href="{escape(entity.url or "")}">{piece}</a>'
    tag = _TAGS.get(entity.type)
    return f"<{tag}>{piece}</{tag}>" if tag else piece


def _spaced(piece: str) -> str:
    """Line breaks and indents, which HTML would swallow."""
    return piece.replace("   ", _NO_BREAK_SPACE * 3).replace("\n", "<br>")
