"""Of what a model wrote from passages only that is kept which names a passage there is.

The rule is plain, so that everybody can tell what it lets through: a number covers what stands before it in its
paragraph, list item or row of a table. What follows the last number is left out, and so is a paragraph without one. A
line that ends with a colon, and a heading, stay where something below them stays; when such a line bears a number, it
covers the list, the table or the code below it. A paragraph of numbers alone (*[1]*, *Sources: [1] Herald*) says
nothing itself: it covers the paragraph, the list, the table or the code right above it, unless that bears numbers of
its own.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from markdown_it.tree import SyntaxTreeNode

from kunak.integrations.telegram.markdown import parse

_MARKER = re.compile(r"\[(\d{1,3})\]")
_WRITTEN_OTHERWISE = re.compile(
    r"[\[【]\s*(?:\^|passages?\s+|источник\w*\s+)?(?P<numbers>\d{1,3}(?:\s*[,;]\s*\d{1,3})*)(?:†[^】\]]*)?\s*[\]】](?:\([^)\s]*\))?",
    re.IGNORECASE,
)
_BEHIND_A_MARKER = re.compile(r"[ \t]*[.!?…)»\"*_]*")
_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`)", re.DOTALL)
_FOOTNOTE = re.compile(
    rf"{_CODE.pattern}|^ {{0,3}}\[\^?\d{{1,3}}\]:(?![^\n]*\[\^?\d)[^\n]*\n?", re.DOTALL | re.MULTILINE
)
"""Code, or a line that tells what a number stands for: sources are named below the answer anyhow."""
_TITLE = r"(?:sources?|references?|citations?|see(?: also)?|based on|источники?|ссылк[аи]|подробнее|см|смотри(?:те)?)\b"
_NO_WORDS = re.compile(rf"[\W_]*(?:{_TITLE}[\W_]*)?(?:(?:and|и)\b[\W_]*)*", re.IGNORECASE)
"""What is left of a paragraph of numbers without them."""
_TITLED = re.compile(rf"[\W_]*{_TITLE}[*_ ]*[:：\n][*_ ]*(?P<number>\[\d)?", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:[*+-]|\d{1,3}[.)])?[\s*_]*\[\d{1,3}\]")
_BELOW_ROWS = re.compile(
    rf"(^ {{0,3}}\|[^\n]*\n)(?=[*_ ]*(?:{_TITLE}[*_ ]*[:：][*_ ]*)?\[\d)", re.IGNORECASE | re.MULTILINE
)
"""Without an empty line in between, what names the sources of a table would be its last row."""
_BOLD_LINE = re.compile(r" {0,3}(\*\*|__)[^*_\n]+\1 *")
"""Some models write headings so."""
_SPACE_BEFORE_A_MARK = re.compile(r"[ \t]+(?=[.,;:!?…])")


@dataclass(frozen=True)
class Checked:
    """Markdown of which each statement names a passage."""

    text: str
    cited: tuple[int, ...]
    """The passages that are named, in their order."""
    left_out: bool
    """Something without a source was left out."""


@dataclass(frozen=True)
class _Block:
    """A piece of the text that stands or falls as one.

    `start` and `end` are lines, `depth` that in lists; `part`: which of the outermost pieces it belongs to.
    """

    kind: str
    start: int
    end: int
    depth: int
    part: int


@dataclass(frozen=True)
class _Sources:
    """The parts that only name sources, each with what stays of it; and the parts that these cover."""

    stays: dict[int, str]
    covered: frozenset[int]


_PENDING = "\0"
"""In place of lines: the block stays when the one below it stays."""


def keep_supported(markdown: str, numbers: Collection[int]) -> Checked:
    """`numbers`: those of the passages that there are."""
    text = tidy(markdown, numbers)
    lines = text.split("\n")
    blocks = [block for part, node in enumerate(parse(text).children) for block in _blocks(node, part)]
    sources = _sources(blocks, lines)
    kept = _settle(_choose(blocks, lines, sources), blocks, lines)
    left_out = False
    for block, stays in reversed(list(zip(blocks, kept, strict=True))):
        says_something = block.kind != "heading" and block.part not in sources.stays
        left_out |= says_something and _words(stays) != _words(lines[block.start : block.end])
        lines[block.start : block.end] = stays
    supported = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    cited = {int(number) for words in _CODE.split(supported)[::2] for number in _MARKER.findall(words)}
    return Checked(supported if cited else "", tuple(sorted(cited)), left_out)


def tidy(markdown: str, numbers: Collection[int]) -> str:
    """Markers in one form, each of a passage that there is; in code numbers mean something else."""
    pieces = _CODE.split(_FOOTNOTE.sub(lambda each: each[1] or "", markdown.replace("\0", "")))
    pieces[::2] = [
        _SPACE_BEFORE_A_MARK.sub("", _WRITTEN_OTHERWISE.sub(lambda each: _markers(each["numbers"], numbers), words))
        for words in pieces[::2]
    ]
    return _BELOW_ROWS.sub(r"\1\n", "".join(pieces))


def _markers(written: str, numbers: Collection[int]) -> str:
    return "".join(f"[{number}]" for number in map(int, re.findall(r"\d+", written)) if number in numbers)


def _blocks(node: SyntaxTreeNode, part: int, depth: int = 0) -> Iterator[_Block]:
    if node.type in ("paragraph", "heading", "fence", "code_block", "table", "hr") and node.map is not None:
        yield _Block(node.type, *node.map, depth, part)
    else:
        for child in node.children:
            yield from _blocks(child, part, depth + (node.type == "list_item"))


def _sources(blocks: list[_Block], lines: list[str]) -> _Sources:
    stays: dict[int, str] = {}
    covered: set[int] = set()
    above: int | None = None
    below_title = False
    for part, group in groupby(blocks, key=lambda block: block.part):
        own = list(group)
        texts = ["\n".join(lines[block.start : block.end]).strip() for block in own]
        if own[0].kind == "hr":
            continue
        if _name_sources(own[0].kind, texts, below_title=below_title, waits=above is not None):
            markers = dict.fromkeys(_MARKER.findall("\n".join(texts)))
            below_title = not markers
            stays[part] = ""
            if above is not None and markers:
                covered.add(above)
                stays[part] = "".join(f"[{number}]" for number in markers)
        else:
            above, below_title = (part if _may_be_covered(own[-1], texts) else None), False
    return _Sources(stays, frozenset(covered))


def _name_sources(kind: str, texts: list[str], *, below_title: bool, waits: bool) -> bool:
    """`waits`: what is above has no source yet; else *Source: the Herald [1]* is a statement like any other."""
    text = "\n".join(texts)
    if kind not in ("paragraph", "heading") or not re.search(r"\w", text):
        return False
    if below_title and all(map(_NUMBERED.match, texts)):
        return True
    titled = _TITLED.match(text) if _MARKER.search(text) else None
    return bool(_NO_WORDS.fullmatch(_MARKER.sub("", text)) or (titled and (waits or titled["number"])))


def _may_be_covered(last: _Block, texts: list[str]) -> bool:
    """It says something, and bears no numbers of its own."""
    if last.kind in ("fence", "code_block"):
        return True
    return not _has_marker(texts) and not _introduces(last, texts[-1:])


def _choose(blocks: list[_Block], lines: list[str], sources: _Sources) -> list[list[str]]:
    """Of each block the lines that stay, as far as it tells itself."""
    chosen: list[list[str]] = []
    covered = False
    for place, block in enumerate(blocks):
        own = lines[block.start : block.end]
        if block.depth == 0 and block.kind in ("paragraph", "heading"):
            covered = block.part not in sources.stays and _introduces(block, own) and _has_marker(own)
        follows_kept = bool(chosen) and chosen[-1] not in ([], [_PENDING])
        if block.part in sources.stays:
            is_first = place == 0 or blocks[place - 1].part != block.part
            chosen.append([sources.stays[block.part]] if is_first and sources.stays[block.part] else [])
        elif covered or block.part in sources.covered or (block.kind in ("fence", "code_block") and follows_kept):
            chosen.append(own)
        else:
            chosen.append(_by_itself(block, own, blocks[place + 1 : place + 2]))
    return chosen


def _by_itself(block: _Block, own: list[str], below: list[_Block]) -> list[str]:
    if block.kind == "table":
        rows = [line for line in own[2:] if _MARKER.search(line)]
        return [*own[:2], *rows] if rows else []
    if block.kind == "paragraph" and _has_marker(own):
        return own if _introduces(block, own) else _up_to_the_last_marker(own)
    is_item_above = any(each.depth > block.depth > 0 for each in below)
    is_title = block.kind != "paragraph" or _introduces(block, own) or _BOLD_LINE.fullmatch("\n".join(own))
    return [_PENDING] if is_item_above or is_title else []


def _settle(chosen: list[list[str]], blocks: list[_Block], lines: list[str]) -> list[list[str]]:
    below: list[str] = []
    settled = []
    for block, stays in reversed(list(zip(blocks, chosen, strict=True))):
        below = (lines[block.start : block.end] if below else []) if stays == [_PENDING] else stays
        settled.append(below)
    return settled[::-1]


def _introduces(block: _Block, own: list[str]) -> bool:
    bare = _MARKER.sub("", "\n".join(own)).rstrip(" \t*_.")
    return block.kind == "heading" or bare.endswith((":", "："))


def _has_marker(own: list[str]) -> bool:
    return any(_MARKER.search(line) for line in own)


def _up_to_the_last_marker(own: list[str]) -> list[str]:
    text = "\n".join(own)
    end = max(found.end() for found in _MARKER.finditer(text))
    behind = _BEHIND_A_MARKER.match(text, end)
    supported = text[: behind.end() if behind else end].rstrip()
    return [] if _NO_WORDS.fullmatch(_MARKER.sub("", supported)) else supported.split("\n")


def _words(own: list[str]) -> list[str]:
    return "\n".join(own).split()
