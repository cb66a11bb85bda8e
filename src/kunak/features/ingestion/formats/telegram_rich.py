"""Rich posts: a tree of blocks and texts, as Markdown.

The tree is Telegram's own (`_` names each node). It grows with every layer of the protocol: of a node that is not known
here, whatever words are in it are kept in their order.
"""

from collections.abc import Callable, Iterator
from typing import Any

from kunak.features.ingestion.formats.entities import mark

Node = dict[str, Any]
_DEEPEST = 60
_MARKS = {
    "TextBold": "bold",
    "TextItalic": "italic",
    "TextStrike": "strikethrough",
    "TextSpoiler": "spoiler",
    "TextFixed": "code",
}
_NOT_WORDS = ("_", "url", "html", "language", "type", "hash")


def read_rich(message: Node) -> str:
    """The words of a `RichMessage`, paragraph by paragraph."""
    return _blocks(message.get("blocks"), 0)


def _blocks(nodes: Any, depth: int) -> str:
    return "\n\n".join(filter(None, (_block(node, depth).strip("\n") for node in _nodes(nodes))))


def _block(node: Node, depth: int) -> str:
    if depth > _DEEPEST:
        return " ".join(_words(node))
    read = _BLOCKS.get(str(node.get("_")))
    return read(node, depth + 1) if read else _unknown(node, depth + 1)


def _paragraph(node: Node, depth: int) -> str:
    return _text(node.get("text"), depth)


def _code(node: Node, depth: int) -> str:
    return mark("pre", _text(node.get("text"), depth))


def _quote(node: Node, depth: int) -> str:
    inner = _blocks(node.get("blocks"), depth) if "blocks" in node else _text(node.get("text"), depth)
    return _joined(mark("blockquote", inner), _text(node.get("caption"), depth))


def _details(node: Node, depth: int) -> str:
    return _joined(_text(node.get("title"), depth), _blocks(node.get("blocks"), depth))


def _captioned(node: Node, depth: int) -> str:
    """A picture, a film, several of them: what stands beside them."""
    return _joined(_blocks(node.get("items"), depth), _caption(node.get("caption"), depth))


def _list(node: Node, depth: int) -> str:
    return "\n".join(f"- {_item(item, depth)}" for item in _nodes(node.get("items")))


def _ordered(node: Node, depth: int) -> str:
    start = node.get("start")
    first = start if isinstance(start, int) else 1
    lines = enumerate(_nodes(node.get("items")), start=first)
    return "\n".join(f"{item.get('num') or number}. {_item(item, depth)}" for number, item in lines)


def _item(node: Node, depth: int) -> str:
    inner = _blocks(node.get("blocks"), depth) if "blocks" in node else _text(node.get("text"), depth)
    return inner.replace("\n\n", "\n").replace("\n", "\n  ")


def _table(node: Node, depth: int) -> str:
    rows = [_nodes(row.get("cells")) for row in _nodes(node.get("rows"))]
    lines = [" | ".join(_text(cell.get("text"), depth) for cell in row) for row in rows]
    return _joined(_text(node.get("title"), depth), "\n".join(lines))


def _embedded(node: Node, depth: int) -> str:
    author = node.get("author")
    head = author if isinstance(author, str) else ""
    return _joined(head, _blocks(node.get("blocks"), depth), _caption(node.get("caption"), depth))


def _cover(node: Node, depth: int) -> str:
    return _blocks([node.get("cover")], depth)


def _nothing(_node: Node, _depth: int) -> str:
    return ""


def _unknown(node: Node, depth: int) -> str:
    """What of it is known further down, else its words."""
    parts = []
    for name, value in node.items():
        if isinstance(value, dict) and str(value.get("_")).startswith("Text"):
            parts.append(_text(value, depth))
        elif isinstance(value, dict | list):
            parts.append(_blocks(value if isinstance(value, list) else [value], depth))
        elif isinstance(value, str) and _says_something(name):
            parts.append(value)
    return _joined(*parts)


_BLOCKS: dict[str, Callable[[Node, int], str]] = {
    **dict.fromkeys(
        (
            *(f"PageBlockHeading{level}" for level in range(1, 7)),
            "PageBlockTitle",
            "PageBlockSubtitle",
            "PageBlockHeader",
            "PageBlockSubheader",
            "PageBlockKicker",
            "PageBlockParagraph",
            "PageBlockFooter",
        ),
        _paragraph,
    ),
    **dict.fromkeys(("PageBlockBlockquote", "PageBlockBlockquoteBlocks", "PageBlockPullquote"), _quote),
    **dict.fromkeys(
        (
            "PageBlockPhoto",
            "PageBlockVideo",
            "PageBlockAudio",
            "PageBlockDocument",
            "PageBlockMap",
            "PageBlockEmbed",
            "PageBlockCollage",
            "PageBlockSlideshow",
        ),
        _captioned,
    ),
    "PageBlockPreformatted": _code,
    "PageBlockDetails": _details,
    "PageBlockList": _list,
    "PageBlockOrderedList": _ordered,
    "PageBlockTable": _table,
    "PageBlockEmbedPost": _embedded,
    "PageBlockCover": _cover,
    "PageBlockAnchor": _nothing,
    "PageBlockDivider": _nothing,
    # What a model thought before it wrote is no part of what it says.
    "PageBlockThinking": _nothing,
}


def _caption(node: Any, depth: int) -> str:
    return _joined(_text(node.get("text"), depth), _text(node.get("credit"), depth)) if isinstance(node, dict) else ""


def _text(node: Any, depth: int) -> str:
    if not isinstance(node, dict):
        return node if isinstance(node, str) else ""
    if depth > _DEEPEST:
        return " ".join(_words(node))
    if node.get("_") == "TextConcat":
        return "".join(_text(each, depth + 1) for each in node.get("texts") or ())
    if node.get("text") is None:
        return _sign(node)
    inner, address = _text(node["text"], depth + 1), _address(node)
    return mark("text_link" if address else _MARKS.get(str(node.get("_")), ""), inner, address)


def _address(node: Node) -> str | None:
    match node.get("_"):
        case "TextUrl":
            return str(node.get("url"))
        case "TextEmail":
            return f"mailto:{node.get('email')}"
    return None


def _sign(node: Node) -> str:
    """An emoji, a formula, or something newer than this."""
    known = [node[name] for name in ("alt", "source") if isinstance(node.get(name), str)]
    return known[0] if known else " ".join(_words(node))


def _words(node: Any) -> Iterator[str]:
    """Every word in it, with nothing of how it looks."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, list | tuple):
            waiting.extend(reversed(found))
        elif isinstance(found, dict):
            waiting.extend(
                value
                for name, value in reversed(found.items())
                if not isinstance(value, str) or _says_something(str(name))
            )


def _says_something(name: str) -> bool:
    return not name.endswith(_NOT_WORDS)


def _nodes(value: Any) -> list[Node]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
