"""Of what a model wrote from passages only that is kept which names a passage there is.

The rule is plain, so that everybody can tell what it lets through: a number covers what stands before it in its
paragraph, list item or row of a table. What follows the last number is left out, and so is a paragraph without one. A
line that ends with a colon, and a heading, stay where something below them stays; when such a line bears a number, it
covers the list, the table or the code below it.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

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
    """A piece of the text that stands or falls as one; `start` and `end` are lines, `depth` that in lists."""

    kind: str
    start: int
    end: int
    depth: int


_PENDING = "\0"
"""In place of lines: the block stays when the one below it stays."""


def keep_supported(markdown: str, numbers: Collection[int]) -> Checked:
    """`numbers`: those of the passages that there are."""
    text = tidy(markdown, numbers)
    lines, blocks = text.split("\n"), list(_blocks(parse(text)))
    kept = _settle(_choose(blocks, lines), blocks, lines)
    left_out = False
    for block, stays in reversed(list(zip(blocks, kept, strict=True))):
        left_out |= block.kind != "heading" and _words(stays) != _words(lines[block.start : block.end])
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
    return "".join(pieces)


def _markers(written: str, numbers: Collection[int]) -> str:
    return "".join(f"[{number}]" for number in map(int, re.findall(r"\d+", written)) if number in numbers)


def _blocks(node: SyntaxTreeNode, depth: int = 0) -> Iterator[_Block]:
    for child in node.children:
        if child.type in ("paragraph", "heading", "fence", "code_block", "table", "hr") and child.map is not None:
            yield _Block(child.type, *child.map, depth)
        else:
            yield from _blocks(child, depth + (child.type == "list_item"))


def _choose(blocks: list[_Block], lines: list[str]) -> list[list[str]]:
    """Of each block the lines that stay, as far as it tells itself."""
    chosen: list[list[str]] = []
    covered = False
    for place, block in enumerate(blocks):
        own = lines[block.start : block.end]
        if block.depth == 0 and block.kind in ("paragraph", "heading"):
            covered = _introduces(block, own) and _has_marker(own)
        follows_kept = bool(chosen) and chosen[-1] not in ([], [_PENDING])
        if covered or (block.kind in ("fence", "code_block") and follows_kept):
            chosen.append(own)
        elif block.kind == "table":
            rows = [line for line in own[2:] if _MARKER.search(line)]
            chosen.append([*own[:2], *rows] if rows else [])
        elif block.kind == "paragraph" and _has_marker(own):
            chosen.append(own if _introduces(block, own) else _up_to_the_last_marker(own))
        else:
            deeper = blocks[place + 1 : place + 2]
            above = block.kind != "paragraph" or any(each.depth > block.depth for each in deeper)
            chosen.append([_PENDING] if above or _introduces(block, own) else [])
    return chosen


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
    return text[: behind.end() if behind else end].rstrip().split("\n")


def _words(own: list[str]) -> list[str]:
    return "\n".join(own).split()
