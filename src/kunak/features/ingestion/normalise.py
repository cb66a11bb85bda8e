"""Texts from outside, in one plain shape."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta

_LINK = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:[a-z][\w+.-]*:|/|#)[^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)", re.IGNORECASE
)
_FENCE = re.compile(r"```[\w+#-]*\n?")
_MARK = re.compile(r"\*\*|__|~~|\|\||`")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
# Soft hyphens, zero-width blanks, marks of direction. The joiner stays between two signs beyond the letters: emoji
# are made so.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|\u200d(?=[\\w\\s]|$)"
)
# Shapes that stand for a dot, not pictures that say something.
_BULLET = re.compile("^(?:[•●○◦▪▫■□◾◽◼◻◆◇🔹🔸🔷🔶🔘➖▶►▸→➡👉☑✔✓]\ufe0f? ?)+(?=\\S)", re.MULTILINE)

_CALL = re.compile(
    r"подпи(?:саться|шись|шитесь|сывайся|сывайтесь|ска)"
    r"|при(?:слать|шли|шлите|сылайте) (?:нам )?(?:новост[ьи]|видео|фото)|предложить (?:новость|пост)"
    r"|сообщить новость|вступ(?:ить|ай|айте)|присоединя(?:йся|йтесь)"
    r"|subscribe|join us|follow us|send (?:us )?(?:a )?news",
    re.IGNORECASE,
)
_WAY_THERE = re.compile(r"\]\(|https?://|\bt\.me/|@\w{4,}")
_ADDRESS = re.compile(r"\]\([^()\s]*\)|https?://\S+|\bt\.me/\S+|@\w+")
_FILLING = frozenset(
    {"на", "в", "и", "к", "у", "с", "через", "нас", "нам", "наш", "наша", "наши", "нашу", "канал", "каналы", "чат"}
    | {"телеграм", "telegram", "max", "вк", "vk", "бот", "бота", "the", "our", "to", "a", "on", "channel", "chat"}
)
_MOST_NAME = 3
"""Words of a channel's name beside the call."""
_LAST_LINES = 4
_LONGEST_CALL = 120
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Programs write this, or the year 1, for a time they do not know."""
_TOMORROW = timedelta(days=1)
"""Clocks and zones may be wrong by so much."""


def normalise_time(time: datetime | None, *, now: datetime) -> datetime | None:
    """None for a time that says nothing: up to the first moment of 1970, or later than tomorrow."""
    return time if time is not None and _EPOCH < time <= now + _TOMORROW else None


def normalise_text(text: str) -> str:
    """NFC; nothing invisible; single blanks; at most one empty line between paragraphs; no blanks at the ends."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _INVISIBLE.sub("", text)
    text = _BLANKS.sub(" ", text).replace(" \n", "\n").replace("\n ", "\n")
    return _BLANK_LINES.sub("\n\n", text).strip()


def normalise_post(markdown: str) -> str:
    """A post of a channel as plain text, bullets made alike, without lines at its end that only ask to subscribe."""
    text = normalise_text(flatten_markdown(drop_calls(_INVISIBLE.sub("", markdown))))
    return _BULLET.sub("• ", text)


def flatten_markdown(text: str) -> str:
    """Telegram's Markdown as plain text: a link keeps its words, code keeps its signs, marks go."""
    plain, end = [], 0
    for code in _CODE.finditer(text):
        plain += [_flatten_prose(text[end : code.start()]), _FENCE.sub("", code[0]).strip("`")]
        end = code.end()
    return "".join([*plain, _flatten_prose(text[end:])])


def _flatten_prose(text: str) -> str:
    return _MARK.sub("", _LINK.sub(r"\1", text))


def drop_calls(markdown: str) -> str:
    """`markdown` without the calls to subscribe or to send news that stand at its end, if anything else is left."""
    lines = markdown.rstrip().split("\n")
    for _ in range(_LAST_LINES):
        while lines and not lines[-1].strip(" *_~|"):
            lines.pop()
        if not lines or not _is_call(lines[-1]):
            break
        lines.pop()
    kept = "\n".join(lines)
    return kept if any(map(str.isalnum, kept)) else markdown


def _is_call(line: str) -> bool:
    """A call and a way to follow it, and beside them hardly more than a name: news of subscriptions say more."""
    words = _ADDRESS.sub(" ", line)
    if line.count("[") != line.count("]"):  # a link that began on another line
        return False
    if not _CALL.search(words) or not _WAY_THERE.search(line):
        return False
    said = re.findall(r"\w+", _CALL.sub(" ", words).replace("_", " ").lower())
    return len(words.strip()) <= _LONGEST_CALL and sum(word not in _FILLING for word in said) <= _MOST_NAME
