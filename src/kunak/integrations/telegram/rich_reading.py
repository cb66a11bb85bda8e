"""A rich message that came in, as Markdown: a model reads its headings, lists, tables, code and quotes as such.

Nodes of kinds that we do not know are walked through for the text they hold.
"""

from collections.abc import Callable, Iterator
from typing import Any

Node = dict[str, Any]
_INLINE = {"bold": "**", "italic": "_", "strikethrough": "~~", "code": "`"}
_WORDS = frozenset({"text", "caption", "summary", "credit", "title", "expression", "alternative_text"})
"""Fields whose strings are words of the message; of other fields only what is nested in them is looked at."""


def rich_as_markdown(rich: Any) -> str:
    """The text of a `rich_message`, block by block; empty for one that holds none."""
    blocks = rich.get("blocks") if isinstance(rich, dict) else None
    return _blocks(blocks if blocks is not None else rich)


def _blocks(blocks: Any, between: str = "\n\n") -> str:
    given = blocks if isinstance(blocks, list) else [blocks]
    return between.join(text for text in map(_block, given) if text.strip())


def _block(block: Any) -> str:
    if not isinstance(block, dict):
        return _inline(block)
    kind = block.get("type")
    if isinstance(kind, str) and kind in _WRITE:
        return _WRITE[kind](block)
    return _join(block, *(name for name, value in block.items() if name in _WORDS or _is_nested(name, value)))


def _is_nested(name: str, value: Any) -> bool:
    return name != "type" and isinstance(value, dict | list)


def _heading(block: Node) -> str:
    return f"{'#' * _number(block.get('size'), 1, 6)} {_line(block.get('text'))}"


def _code(block: Node) -> str:
    return f"```{_plain(block.get('language'))}\n{_inline(block.get('text'), plain=True)}\n```"


def _formula(block: Node) -> str:
    return f"$${_plain(block.get('expression'))}$$"


def _items(block: Node) -> str:
    return "\n".join(_item(item) for item in _list(block.get("items")))


def _table(block: Node) -> str:
    return "\n".join(filter(None, [_line(block.get("caption")), *_rows(block.get("cells"))]))


def _quote(block: Node) -> str:
    return _indented(_join(block, "text", "blocks", "credit"), "> ")


def _details(block: Node) -> str:
    return _join(block, "summary", "blocks")


def _nothing(_: Node) -> str:
    return ""


_WRITE: dict[str, Callable[[Node], str]] = {
    "heading": _heading,
    "pre": _code,
    "mathematical_expression": _formula,
    "list": _items,
    "table": _table,
    "blockquote": _quote,
    "expandable_blockquote": _quote,
    "pullquote": _quote,
    "details": _details,
    "thinking": _nothing,
}


def _join(block: Node, *names: str) -> str:
    parts = (_blocks(block[name]) if name == "blocks" else _inner(block[name]) for name in names if name in block)
    return "\n\n".join(part for part in parts if part.strip())


def _inner(value: Any) -> str:
    """Of a field that may hold a text, blocks, or neither."""
    if isinstance(value, list) and any(isinstance(each, dict) and not _is_text(each) for each in value):
        return _blocks(value)
    if isinstance(value, dict) and not _is_text(value):
        return _block(value)
    return _inline(value)


def _is_text(value: Node) -> bool:
    return "blocks" not in value and any(name in value for name in ("text", "expression", "alternative_text"))


def _item(item: Any) -> str:
    if not isinstance(item, dict):
        return f"- {_inline(item)}"
    box = ("[x] " if item.get("is_checked") else "[ ] ") if item.get("has_checkbox") else ""
    label = _plain(item.get("label")) if isinstance(item.get("value"), int) else "-"
    text = _blocks(item["blocks"], "\n") if "blocks" in item else _inline(item.get("text"))
    return _indented(text, "  ").replace("  ", f"{label or '-'} {box}", 1)


def _rows(cells: Any) -> Iterator[str]:
    for number, row in enumerate(_list(cells)):
        texts = [_line(cell.get("text") if isinstance(cell, dict) else cell) for cell in _list(row)]
        yield f"| {' | '.join(text.replace('|', '/') for text in texts)} |"
        if number == 0:
            yield f"|{' --- |' * len(texts)}"


def _inline(text: Any, *, plain: bool = False) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(_inline(each, plain=plain) for each in text)
    if not isinstance(text, dict):
        return ""
    kind = text.get("type")
    inner = _inline(next((text[name] for name in ("text", "expression", "alternative_text") if name in text), ""))
    if plain or not inner.strip():
        return inner
    if kind == "url" and isinstance(text.get("url"), str) and text["url"] != inner:
        return f"[{inner}]({text['url']})"
    mark = _INLINE.get(kind, "") if isinstance(kind, str) else ""
    return f"{mark}{inner}{mark}"


def _line(text: Any) -> str:
    return " ".join(_inline(text).split())


def _indented(text: str, margin: str) -> str:
    return "\n".join(f"{margin}{line}".rstrip() for line in text.split("\n")) if text.strip() else ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any, least: int, most: int) -> int:
    return min(max(value, least), most) if isinstance(value, int) else least
