"""Entities that Telegram finds by itself in plain text: commands, mentions, tags, addresses."""

import re

from kunak.integrations.telegram.sandbox.formatting import utf16_length
from kunak.integrations.telegram.sandbox.refusals import JsonObject

_MAYBE = re.compile(r"[@#$/.+]")
_FOUND = re.compile(
    r"""
      (?P<email>(?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})
    | (?P<url>\b(?:https?|ftp|tg|ton)://[^\s<>"']*[^\s<>"'.,;:!?()\[\]{}]
        |(?<![\w@./-])(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+(?:com|org|net|ru|me|io|dev|info|ge|am|kz|рф|eu|de|uk|app)
          (?![\w-])(?:/[^\s<>"']*[^\s<>"'.,;:!?()\[\]{}]|/)?)
    | (?P<bot_command>(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@]))
    | (?P<mention>(?<![\w@])@[A-Za-z0-9_]{3,32}(?![\w@]))
    | (?P<hashtag>(?<![\w#&])\#(?=\w*[^\W\d])\w{1,256}(?:@[A-Za-z0-9_]{3,32})?)
    | (?P<cashtag>(?<![\w$])\$[A-Z]{1,8}(?![\w$]))
    | (?P<phone_number>(?<![\w+])\+\d[\d() -]{7,16}\d(?!\w))
    """,
    re.VERBOSE,
)


def detect_entities(text: str) -> list[JsonObject]:
    """In order of their offsets, in UTF-16 code units."""
    if not _MAYBE.search(text):
        return []
    found = []
    wide = not text.isascii() and max(text) > "\uffff"
    for match in _FOUND.finditer(text):
        offset = utf16_length(text[: match.start()]) if wide else match.start()
        found.append({"type": str(match.lastgroup), "offset": offset, "length": utf16_length(match.group())})
    return found


def merge_entities(marked: list[JsonObject], detected: list[JsonObject]) -> list[JsonObject]:
    """Those marked by the sender, and those found outside links, code and mentions."""
    if not detected:
        return marked
    opaque = [e for e in marked if e["type"] in ("code", "pre", "text_link", "text_mention", "custom_emoji")]
    free = [d for d in detected if not any(_overlap(d, o) for o in opaque)]
    return sorted(marked + free, key=lambda entity: (entity["offset"], -entity["length"]))


def _overlap(one: JsonObject, other: JsonObject) -> bool:
    return bool(one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"])
