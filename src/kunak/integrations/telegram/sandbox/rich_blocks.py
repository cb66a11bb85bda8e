"""Rich HTML as blocks: paragraphs, headings, lists, tables and the rest."""

import string
from collections.abc import Callable

from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.rich_inline import Inline, trimmed
from kunak.integrations.telegram.sandbox.rich_tree import BLOCKS, Node

FindMedia = Callable[[str, str], JsonObject]
_MEDIA_TAGS = {"img": "photo", "video": "video", "audio": "audio"}


class Blocks:
    """Turns elements into blocks. `find_media` gets a tag's kind and address and returns the block of the file."""

    def __init__(self, inline: Inline, find_media: FindMedia) -> None:
        self._inline = inline
        self._find_media = find_media

    def read(self, node: Node) -> list[JsonObject]:
        """The blocks of an element; text between them makes paragraphs."""
        blocks: list[JsonObject] = []
        loose: list[Node | str] = []
        for child in node.children:
            if isinstance(child, Node) and child.tag in BLOCKS:
                blocks += self._paragraph(loose)
                loose = []
                blocks.append(self._block(child))
            else:
                loose.append(child)
        return blocks + self._paragraph(loose)

    def _paragraph(self, children: list[Node | str]) -> list[JsonObject]:
        text = trimmed(self._inline.read(children))
        if text == "":
            return []
        if isinstance(text, dict) and text["type"] == "anchor":
            return [text]
        return [{"type": "paragraph", "text": text}]

    def _text(self, node: Node) -> object:
        return trimmed(self._inline.read(node.without("cite", "input").children))

    def _block(self, node: Node) -> JsonObject:
        tag = node.tag
        if tag in ("p", "footer"):
            return {"type": "paragraph" if tag == "p" else "footer", "text": self._text(node)}
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdecimal():  # noqa: PLR2004 - h1 to h6
            return {"type": "heading", "text": self._text(node), "size": int(tag[1])}
        if tag in _MEDIA_TAGS:
            return self._media(node)
        special: dict[str, Callable[[Node], JsonObject]] = {
            "pre": self._pre,
            "hr": lambda _: {"type": "divider"},
            "ul": self._list,
            "ol": self._list,
            "blockquote": self._quote,
            "aside": lambda quote: {"type": "pullquote", "text": self._text(quote)} | self._credit(quote),
            "figure": self._figure,
            "table": self._table,
            "details": self._details,
            "tg-map": self._map,
            "tg-collage": self._gallery,
            "tg-slideshow": self._gallery,
            "tg-math-block": lambda math: {"type": "mathematical_expression", "expression": math.text().strip()},
        }
        if tag not in special:
            raise bad_request(f'can\'t parse rich message: tag "{tag}" is not allowed here')
        return special[tag](node)

    def _pre(self, node: Node) -> JsonObject:
        code = node.all("code")
        inner = code[0] if code and len(node.children) == 1 else node
        block: JsonObject = {"type": "pre", "text": inner.text().removesuffix("\n")}
        language = inner.attributes.get("class", "").removeprefix("language-")
        return block | ({"language": language} if language else {})

    def _quote(self, node: Node) -> JsonObject:
        return {"type": "blockquote", "blocks": self.read(node.without("cite"))} | self._credit(node)

    def _credit(self, node: Node) -> JsonObject:
        cites = node.all("cite")
        return {"credit": trimmed(self._inline.read(cites[0].children))} if cites else {}

    def _list(self, node: Node) -> JsonObject:
        start = node.attributes.get("start", "1")
        number = int(start) if start.isdecimal() else 1
        items = []
        for item in node.all("li"):
            given = item.attributes.get("value", "")
            number = int(given) if given.isdecimal() else number
            items.append(self._item(item, number, node))
            number += 1
        return {"type": "list", "items": items}

    def _item(self, item: Node, number: int, parent: Node) -> JsonObject:
        read: JsonObject = {"label": "•", "blocks": self.read(item.without("input"))}
        if parent.tag == "ol":
            style = item.attributes.get("type") or parent.attributes.get("type", "1")
            read |= {"label": f"{_numeral(number, style)}.", "value": number, "type": style}
        boxes = item.all("input")
        return read | ({"has_checkbox": True, "is_checked": "checked" in boxes[0].attributes} if boxes else {})

    def _details(self, node: Node) -> JsonObject:
        summaries = node.all("summary")
        summary = trimmed(self._inline.read(summaries[0].children)) if summaries else ""
        block: JsonObject = {"type": "details", "summary": summary, "blocks": self.read(node.without("summary"))}
        return block | ({"is_open": True} if "open" in node.attributes else {})

    def _table(self, node: Node) -> JsonObject:
        parts = [node, *node.all("thead", "tbody")]
        rows = [row for part in parts for row in part.all("tr")]
        block: JsonObject = {
            "type": "table",
            "cells": [[self._cell(cell) for cell in row.all("th", "td")] for row in rows],
        }
        block |= {f"is_{name}": True for name in ("bordered", "striped", "compact") if name in node.attributes}
        captions = node.all("caption")
        return block | ({"caption": self._text(captions[0])} if captions else {})

    def _cell(self, node: Node) -> JsonObject:
        style = node.attributes.get("style", "").partition("text-align:")[2].strip("; ")
        cell: JsonObject = {
            "text": self._text(node),
            "align": node.attributes.get("align") or style or ("center" if node.tag == "th" else "left"),
            "valign": node.attributes.get("valign", "middle"),
        }
        spans = {name: int(node.attributes[name]) for name in ("colspan", "rowspan") if _is_number(node, name)}
        return cell | spans | ({"is_header": True} if node.tag == "th" else {})

    def _map(self, node: Node) -> JsonObject:
        try:
            location = {"latitude": float(node.attributes["lat"]), "longitude": float(node.attributes["long"])}
        except (KeyError, ValueError):
            raise bad_request("can't parse rich message: a map needs lat and long") from None
        zoom = int(node.attributes["zoom"]) if _is_number(node, "zoom") else 13
        return {"type": "map", "location": location, "zoom": zoom, "width": 600, "height": 400}

    def _media(self, node: Node) -> JsonObject:
        block = self._find_media(_MEDIA_TAGS[node.tag], node.attributes.get("src", ""))
        if "tg-spoiler" in node.attributes:
            block = block | {"has_spoiler": True}
        title = node.attributes.get("title")
        return block | ({"caption": {"text": title}} if title else {})

    def _figure(self, node: Node) -> JsonObject:
        blocks = self.read(node.without("figcaption"))
        if len(blocks) != 1:
            raise bad_request("can't parse rich message: a figure holds one block")
        return blocks[0] | self._caption(node)

    def _gallery(self, node: Node) -> JsonObject:
        return {
            "type": node.tag.removeprefix("tg-"),
            "blocks": self.read(node.without("figcaption")),
        } | self._caption(node)

    def _caption(self, node: Node) -> JsonObject:
        captions = node.all("figcaption")
        return {"caption": {"text": self._text(captions[0])} | self._credit(captions[0])} if captions else {}


def _is_number(node: Node, name: str) -> bool:
    return node.attributes.get(name, "").isdecimal()


def _numeral(number: int, style: str) -> str:
    if style.lower() == "a" and 1 <= number <= 26:  # noqa: PLR2004 - letters
        return (string.ascii_uppercase if style == "A" else string.ascii_lowercase)[number - 1]
    if style.lower() == "i" and 1 <= number < 40:  # noqa: PLR2004 - tens, nine to one
        roman = "x" * (number // 10) + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[number % 10]
        return roman.upper() if style == "I" else roman
    return str(number)
