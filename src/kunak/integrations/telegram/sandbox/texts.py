"""The text of a message, from what a bot sent: markup read, limits kept."""

from kunak.integrations.telegram.sandbox.calls import Call
from kunak.integrations.telegram.sandbox.entities import detect_entities, merge_entities
from kunak.integrations.telegram.sandbox.formatting import Plain, utf16_length
from kunak.integrations.telegram.sandbox.html_formatting import parse_html
from kunak.integrations.telegram.sandbox.markdown_formatting import parse_markdown, parse_markdown_v2
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32)], " ")  # all but tab and line ends
_PARSERS = {"html": parse_html, "markdown": parse_markdown, "markdownv2": parse_markdown_v2}
_MENTION = "tg://user?id="


def clean(text: str) -> str:
    """The text as Telegram keeps it: a space in place of each control character."""
    return text.translate(_CONTROLS)


def read_text(call: Call, params: JsonObject) -> JsonObject:
    """`text` and its entities as they stand in a message. Raises Refusal for an empty or too long one."""
    content = _read(call, params, "text", "entities")
    if not content["text"]:
        raise bad_request("message text is empty")
    if utf16_length(content["text"]) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return content


def read_draft_text(call: Call, params: JsonObject) -> JsonObject:
    """As `read_text`, but a draft may be empty: the person sees that the bot is thinking."""
    content = _read(call, params, "text", "entities")
    if utf16_length(content["text"]) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return content


def read_caption(call: Call, params: JsonObject) -> JsonObject:
    """`caption` and its entities; nothing when there is none."""
    content = _read(call, params, "caption", "caption_entities")
    if utf16_length(content["caption"]) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    return content if content["caption"] else {}


def _read(call: Call, params: JsonObject, field: str, entity_field: str) -> JsonObject:
    given = clean(params.get(field) or "")
    mode = params.get("parse_mode")
    if mode:
        plain = _parse(given, str(mode))
        text, marked = plain.text(), plain.sorted_entities()
    else:
        text, marked = given, list(params.get(entity_field) or ())
    text, marked = _trim(text, marked)
    entities = merge_entities(_with_people(call, marked), detect_entities(text))
    return {field: text, entity_field: entities} if entities else {field: text}


def _parse(markup: str, mode: str) -> Plain:
    parser = _PARSERS.get(mode.lower())
    if parser is None:
        raise bad_request("unsupported parse_mode")
    return parser(markup)


def _trim(text: str, entities: list[JsonObject]) -> tuple[str, list[JsonObject]]:
    """Space around a text is cut, and entities with it."""
    shift = len(text) - len(text.lstrip())
    trimmed = text.strip()
    if len(trimmed) == len(text) or not entities:
        return trimmed, entities
    length, kept = utf16_length(trimmed), []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        end = min(entity["offset"] - shift + entity["length"], length)
        if end > start:
            kept.append(entity | {"offset": start, "length": end - start})
    return trimmed, kept


def _with_people(call: Call, entities: list[JsonObject]) -> list[JsonObject]:
    """A link to a person becomes a mention when the sandbox knows the person, else plain text."""
    known = []
    for entity in entities:
        url = str(entity.get("url", ""))
        if not url.startswith(_MENTION):
            known.append(entity)
            continue
        number = url.removeprefix(_MENTION)
        user = call.world.sender(int(number)) if number.isdecimal() else None
        if user is not None:
            place = {"offset": entity["offset"], "length": entity["length"]}
            known.append({"type": "text_mention", **place, "user": user})
    return known
