"""Markdown, as language models write it, as text and entities.

What Telegram has no entity for is put into text: headings are bold, lists have bullets or numbers, tables are
monospaced, and those too wide for a phone become lists.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.dollarmath import dollarmath_plugin

from kunak.integrations.telegram.formulas import bracketed_math, is_formula
from kunak.integrations.telegram.text import (
    FORMULA,
    HEADING,
    ITEM,
    MATH,
    QUOTE,
    RULE,
    TABLE,
    Entity,
    FormattedText,
    utf16_length,
)

_BULLET = "•"
_RULE = "———"
_CODE = ("fence", "code_block", "math_block")
_LISTS = ("bullet_list", "ordered_list")
_BOX = re.compile(r"\[([ xX])\] ")
OPEN_BOX, TICKED_BOX = "☐", "☑"
_STEP = "   "
"""By which what stands in a list is indented."""
_NOTE = re.compile(r"\[(?P<source>\d{1,3})\]|(?P<footnotes>(?:\[\^\d{1,3}\])+)")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# The length of a scheme is bounded: each of many that lead nowhere would be followed to the end of the text.
_ADDRESS = re.compile(
    r"(?P<whole>\b[a-z][a-z0-9+.-]{0,30}://[^\s<>«»\"]+|\bwww\.[^\s<>«»\"]+|(?<![\w@./-])(?:[\w-]+\.)+[a-z]{2,24}/[^\s<>«»\"]*)"
    r"|(?P<name>(?<![\w@./-])(?:[\w-]+\.)+(?:[a-z]{2,24}|рф)(?![\w-]))",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[\w+#.-]{1,32}")
_WIDEST_TABLE = 34
"""Columns of characters that a phone shows side by side."""
_STYLES = {"strong": "bold", "em": "italic", "s": "strikethrough", "link": "text_link"}

Style = tuple[str, str | None]


@dataclass(frozen=True)
class Links:
    """Which addresses may be followed: a model may have been told by somebody else to send people elsewhere."""

    hidden: frozenset[str] = frozenset()
    """May lie behind other words."""
    known: str = ""
    """An address that stands in this text may be shown; others are left out, and a mere name is shown unlinked."""
    notes: Mapping[int, str | None] = field(default_factory=dict)
    """Where `[1]` leads."""

    def is_known(self, address: str) -> bool:
        return address.rstrip(".,;:!?)]*_") in self.known


def parse(markdown: str) -> SyntaxTreeNode:
    """The tree of blocks. HTML is but text, and so are definitions of links: `[1]: …` would change what `[1]` is."""
    return SyntaxTreeNode(_parser().parse(markdown))


def _parser() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("reference")
    reader.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, allow_blank_lines=False)
    return reader.use(bracketed_math)


def from_markdown(markdown: str, links: Links | None = None) -> FormattedText:
    """Never fails: what is no Markdown is text. Without `links` no address can be followed."""
    writer = _Writer(links or Links())
    writer.blocks(parse(markdown).children)
    return writer.written


@dataclass
class _Writer:
    links: Links
    written: FormattedText = field(default_factory=FormattedText)
    styles: list[Style] = field(default_factory=list)
    indent: str = ""
    _at: int = 0
    """UTF-16 units written."""
    _last: dict[Style, int] = field(default_factory=dict)
    """Where the last entity of each style stands: no other of it can end where the text does."""

    def blocks(self, nodes: Sequence[SyntaxTreeNode], between: str = "\n\n") -> None:
        for number, node in enumerate(nodes):
            if number:
                # Code stands by itself, and all that stands in it is code.
                self._break(between, "" if node.type in _CODE else self.indent)
            self._block(node)

    def _block(self, node: SyntaxTreeNode) -> None:
        match node.type:
            case "heading":
                with self._marking(Entity(HEADING, 0, 0, level=int(node.tag[1:]))):
                    self._styled([("bold", None)], lambda: self._inline(node.children))
            case "bullet_list" | "ordered_list":
                self._list(node)
            case "blockquote":
                self._quote(node)
            case "fence" | "code_block":
                self._code(node)
            case "table":
                self._table(node)
            case "math_block":
                with self._marking(Entity(FORMULA, 0, 0)):
                    self._alone(node.content.strip(), "pre")
            case "hr":
                with self._marking(Entity(RULE, 0, 0)):
                    self._add(_RULE)
            case "inline":
                self._inline(node.children)
            case _:
                self.blocks(node.children)

    def _quote(self, node: SyntaxTreeNode) -> None:
        """Telegram's entity ends where code begins, and holds no other; the mark is the whole of the outermost."""
        if ("blockquote", None) in self.styles:
            self.blocks(node.children)
            return
        with self._marking(Entity(QUOTE, 0, 0)):
            self._styled([("blockquote", None)], lambda: self.blocks(node.children))

    def _code(self, node: SyntaxTreeNode) -> None:
        begun = len(self.written.entities)
        self._alone(node.content.rstrip("\n"), "pre")
        if (language := _LANGUAGE.match(node.info)) and len(self.written.entities) > begun:
            self.written.entities[-1] = replace(self.written.entities[-1], language=language[0])

    def _table(self, table: SyntaxTreeNode) -> None:
        rows = [[self._cell(cell) for cell in row.children] for part in table.children for row in part.children]
        aligned = tuple(map(_alignment, table.children[0].children[0].children))
        lines = list(_aligned([[cell.text for cell in row] for row in rows], aligned))
        with self._marking(Entity(TABLE, 0, 0, rows=tuple(map(tuple, rows)), aligned=aligned)):
            if max(map(_width, lines)) <= _WIDEST_TABLE or len(rows) == 1:
                self._alone("\n".join(lines), "pre")
            else:
                self._rows_as_list(table)

    @contextmanager
    def _marking(self, mark: Entity) -> Iterator[None]:
        """What is written within the block stands for something; nothing that is empty does."""
        place = self._mark(replace(mark, offset=self._at))
        yield
        if self._at > self.written.entities[place].offset:
            length = self._at - self.written.entities[place].offset
            self.written.entities[place] = replace(self.written.entities[place], length=length)
        else:
            del self.written.entities[place]

    def _cell(self, cell: SyntaxTreeNode) -> FormattedText:
        writer = _Writer(self.links)
        writer.blocks(cell.children)
        return writer.written

    def _rows_as_list(self, table: SyntaxTreeNode) -> None:
        """What stands over the first cells, then each row by itself: its first cell, the others behind their heads."""
        head, *body = (row for part in table.children for row in part.children)
        self.blocks(head.children[0].children)
        for number, row in enumerate(body):
            if number or _plain_text(head.children[0]):
                self._break("\n", self.indent)
            self._add(f"{_BULLET} ")
            self._styled([("bold", None)], lambda first=row.children[0]: self.blocks(first.children))  # type: ignore[misc]  # a bound default
            for name, cell in zip(head.children[1:], row.children[1:], strict=True):
                if cell.children and _plain_text(cell).strip():
                    self._add(f"\n{self.indent}   ")
                    self.blocks(name.children)
                    self._add(": " if _plain_text(name) else "")
                    self.blocks(cell.children)

    def _list(self, node: SyntaxTreeNode) -> None:
        first = int(node.attrs.get("start", 1))
        tight = all(child.hidden for item in node.children for child in item.children if child.type == "paragraph")
        for number, item in enumerate(node.children):
            if number:
                self._break("\n" if tight else "\n\n", self.indent)
            counted = first + number if node.type == "ordered_list" else None
            label = (_take_box(item) or f"{_BULLET} ") if counted is None else f"{counted}. "
            outside, self.indent = self.indent, self.indent + _STEP
            with self._marking(Entity(ITEM, 0, 0, level=len(self.indent) // len(_STEP), number=counted, label=label)):
                self._add(label)
                self.blocks(item.children, "\n" if tight else "\n\n")
            self.indent = outside

    def _inline(self, nodes: Sequence[SyntaxTreeNode]) -> None:
        for node in nodes:
            if node.type in ("softbreak", "hardbreak"):
                self._break("\n", self.indent)
            elif node.type == "code_inline":
                self._alone(node.content, "code")
            elif node.type == "math_inline":
                self._math(node)
            elif node.type == "text":
                self._text(node.content)
            elif node.type == "image":
                self._inline(node.children)
            elif node.type in _STYLES:
                self._styled(self._style_of(node), lambda children=node.children: self._inline(children))  # type: ignore[misc]  # a bound default
            else:
                self._inline(node.children)

    def _math(self, node: SyntaxTreeNode) -> None:
        """What stands between dollars without a sign of its own is but text."""
        if not is_formula(node.content):
            self._text(f"${node.content}$")
            return
        with self._marking(Entity(MATH, 0, 0)):
            self._alone(" ".join(node.content.split()), "code")

    def _style_of(self, node: SyntaxTreeNode) -> list[Style]:
        if node.type != "link":
            return [(_STYLES[node.type], None)]
        address = str(node.attrs.get("href", ""))
        return [("text_link", address)] if address in self.links.hidden else []

    def _styled(self, styles: list[Style], write: Callable[[], None]) -> None:
        outside = self.styles
        kinds = {kind for kind, _ in outside}
        self.styles = outside + [style for style in styles if style[0] not in kinds]
        write()
        self.styles = outside

    def _text(self, text: str) -> None:
        end = 0
        for found in _NOTE.finditer(text):
            self._plain(text[end : found.start()])
            if found["footnotes"]:
                self._add(found["footnotes"][2:-1].replace("][^", ",").translate(_RAISED))
            else:
                address = self.links.notes.get(int(found["source"]))
                self._styled([("text_link", address)] if address else [], lambda note=found[0]: self._add(note))  # type: ignore[misc]  # as above
            end = found.end()
        self._plain(text[end:])

    def _plain(self, text: str) -> None:
        end = 0
        for found in _ADDRESS.finditer(text):
            if self.links.is_known(found[0]):
                continue
            self._add(text[end : found.start()])
            if found["name"]:
                self._alone(found["name"], "code")
            else:
                self._add("…")
            end = found.end()
        self._add(text[end:])

    def _alone(self, text: str, kind: str) -> None:
        """Code stands in no other entity, and no other in it."""
        outside, self.styles = self.styles, [(kind, None)]
        self._add(text)
        self.styles = outside

    def _break(self, lines: str, indent: str) -> None:
        self._add(lines + indent)

    def _add(self, text: str) -> None:
        at, length = self._at, utf16_length(text)
        self._at += length
        self.written.text += text
        for kind, url in self.styles if length else ():
            self._extend(kind, url, at, length)

    def _extend(self, kind: str, url: str | None, at: int, length: int) -> None:
        place = self._last.get((kind, url))
        last = None if place is None else self.written.entities[place]
        if place is not None and last is not None and last.end == at:
            self.written.entities[place] = replace(last, length=last.length + length)
            return
        place = self._mark(Entity(kind, at, length, url))
        if kind not in ("code", "pre"):
            self._last[kind, url] = place

    def _mark(self, entity: Entity) -> int:
        """Where it stands among the entities; no other ever moves it."""
        self.written.entities.append(entity)
        return len(self.written.entities) - 1


def _take_box(item: SyntaxTreeNode) -> str:
    """The box before something to be done, taken out of its text; empty when there is none."""
    first = next((node.token for node in item.walk() if node.type == "text" or node.type in _LISTS), None)
    found = _BOX.match(first.content) if first is not None else None
    if first is None or found is None:
        return ""
    first.content = first.content[found.end() :]
    return f"{OPEN_BOX if found[1] == ' ' else TICKED_BOX} "


def _alignment(cell: SyntaxTreeNode) -> str:
    return str(cell.attrs.get("style", "")).removeprefix("text-align:")


def _aligned(rows: list[list[str]], aligned: Sequence[str]) -> Iterator[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = (_padded(cell, width, where) for cell, width, where in zip(row, widths, aligned, strict=True))
        yield " │ ".join(cells).rstrip()
        if number == 0:
            yield "─┼─".join("─" * width for width in widths)


def _padded(cell: str, width: int, where: str) -> str:
    blank = width - _width(cell)
    before = {"right": blank, "center": blank // 2}.get(where, 0)
    return f"{' ' * before}{cell}{' ' * (blank - before)}"


def _width(text: str) -> int:
    """Columns that the text takes where all characters are equally wide; some are as wide as two, some as none."""
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 or each in "\u200d\ufe0f" for each in text)


def _plain_text(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline", "math_inline"):
        return node.content
    return "".join(_plain_text(child) for child in node.children)
