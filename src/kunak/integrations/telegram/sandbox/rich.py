"""Rich messages as bots send them, read into the blocks that stand in a message, within Telegram's limits."""

import re
from collections.abc import Iterator, Mapping

from kunak.integrations.telegram.sandbox.files import FileStore, Upload
from kunak.integrations.telegram.sandbox.keyboards import read_button
from kunak.integrations.telegram.sandbox.media import as_content, find_file
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.rich_blocks import Blocks
from kunak.integrations.telegram.sandbox.rich_inline import Inline, rich_length
from kunak.integrations.telegram.sandbox.rich_markdown import markdown_as_html
from kunak.integrations.telegram.sandbox.rich_tree import parse_tree

LONGEST = 32_768
MOST_BLOCKS = 500
MOST_LEVELS = 16
MOST_MEDIA = 50
MOST_COLUMNS = 20
_MEDIA = {
    "photo": "photo",
    "video": "video",
    "audio": "audio",
    "animation": "animation",
    "document": "document",
    "voice_note": "voice",
}
_MEDIA_LINK = re.compile(r"tg://(?:photo|video|audio|document)\?id=([A-Za-z0-9_-]{1,64})")
_REFERENCE = re.compile(r"""<tg-reference\s[^>]*name=["']?([^"'>\s]+)""")
_FULL_MAP = {"zoom": 13, "width": 600, "height": 400}


def read_rich_message(store: FileStore, uploads: Mapping[str, Upload], given: JsonObject) -> JsonObject:
    """The `RichMessage` of an `InputRichMessage`. Raises Refusal for broken markup and past the limits."""
    ways = [name for name in ("html", "markdown", "blocks") if given.get(name)]
    if len(ways) != 1:
        raise bad_request("rich message must have exactly one of html, markdown and blocks")
    reader = _Reader(store, uploads, given)
    blocks = reader.from_blocks(given["blocks"]) if ways == ["blocks"] else reader.from_markup(ways[0])
    if not blocks:
        raise bad_request("message text is empty")
    _check_limits(blocks)
    return {"blocks": blocks} | ({"is_rtl": True} if given.get("is_rtl") else {})


class _Reader:
    def __init__(self, store: FileStore, uploads: Mapping[str, Upload], given: JsonObject) -> None:
        self._store = store
        self._uploads = uploads
        self._given = given
        self._media = {each["id"]: each["media"] for each in given.get("media") or ()}

    def from_markup(self, way: str) -> list[JsonObject]:
        html = markdown_as_html(self._given[way]) if way == "markdown" else self._given[way]
        references = frozenset(_REFERENCE.findall(html))
        inline = Inline(references, detect=not self._given.get("skip_entity_detection"))
        return Blocks(inline, self._linked_media).read(parse_tree(html))

    def from_blocks(self, blocks: list[JsonObject]) -> list[JsonObject]:
        return [self._from_block({key: value for key, value in block.items() if value is not None}) for block in blocks]

    def _from_block(self, block: JsonObject) -> JsonObject:
        kind = block["type"]
        if kind in _MEDIA:
            return self._media_block(kind, block[kind]) | {key: block[key] for key in ("caption",) if key in block}
        if kind == "list":
            return block | {"items": [self._item(item) for item in block["items"]]}
        if kind == "map":
            return _FULL_MAP | block
        if kind == "buttons":
            return block | {"buttons": [read_button(button) for button in block["buttons"]]}
        return block | {"blocks": self.from_blocks(block["blocks"])} if "blocks" in block else block

    def _item(self, item: JsonObject) -> JsonObject:
        label = f"{item['value']}." if item.get("value") is not None else "•"
        return {"label": label} | item | {"blocks": self.from_blocks(item["blocks"])}

    def _linked_media(self, kind: str, address: str) -> JsonObject:
        """The file a tag means: one sent along under a name. Files of the web are out of the sandbox's reach."""
        link = _MEDIA_LINK.fullmatch(address)
        if link is None:
            raise bad_request("failed to get HTTP URL content" if address else "wrong HTTP URL specified")
        media = self._media.get(link[1])
        if media is None:
            raise bad_request(f'media "{link[1]}" not found')
        return self._media_block(media.get("type", kind), media)

    def _media_block(self, kind: str, told: JsonObject) -> JsonObject:
        stored = find_file(self._store, _MEDIA[kind], told["media"], self._uploads)
        card = as_content(_MEDIA[kind], stored, told)[_MEDIA[kind]]
        return {"type": kind, kind: card} | ({"has_spoiler": True} if told.get("has_spoiler") else {})


def _check_limits(blocks: list[JsonObject]) -> None:
    found = list(_walk(blocks, 1))
    if len(found) > MOST_BLOCKS:
        raise bad_request("rich message has too many blocks")
    if max(level for level, _ in found) > MOST_LEVELS:
        raise bad_request("rich message is nested too deep")
    if sum(rich_length(block.get("text")) + _other_text(block) for _, block in found) > LONGEST:
        raise bad_request("message is too long")
    if sum(block.get("type") in _MEDIA for _, block in found) > MOST_MEDIA:
        raise bad_request("rich message has too many media")
    if any(len(row) > MOST_COLUMNS for _, block in found for row in block.get("cells", ())):
        raise bad_request("a table of a rich message has too many columns")


def _walk(blocks: list[JsonObject], level: int) -> Iterator[tuple[int, JsonObject]]:
    """Every block with its level; list items and table rows count as blocks."""
    for block in blocks:
        yield level, block
        for item in block.get("items", ()):
            yield level + 1, {}
            yield from _walk(item["blocks"], level + 2)
        for _ in block.get("cells", ()):
            yield level + 1, {}
        yield from _walk(block.get("blocks", []), level + 1)


def _other_text(block: JsonObject) -> int:
    cells = sum(rich_length(cell.get("text")) for row in block.get("cells", ()) for cell in row)
    captions = sum(rich_length(block.get(name)) for name in ("summary", "credit", "caption", "expression"))
    return cells + captions


def callback_data_in(value: object) -> Iterator[str]:
    """The data of every button in a message, wherever it stands."""
    if isinstance(value, dict):
        if isinstance(value.get("callback_data"), str):
            yield value["callback_data"]
        for each in value.values():
            yield from callback_data_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from callback_data_in(each)
