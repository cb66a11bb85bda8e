"""Texts from outside, in one plain shape."""

import re
import unicodedata

_LINK = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:[a-z][\w+.-]*:|/|#)[^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)", re.IGNORECASE
)
_FENCE = re.compile(r"```[\w+#-]*\n?")
_MARK = re.compile(r"\*\*|__|~~|\|\||`")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def normalise_text(text: str) -> str:
    """NFC; single blanks; at most one empty line between paragraphs; no blanks at the ends."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _BLANKS.sub(" ", text).replace(" \n", "\n").replace("\n ", "\n")
    return _BLANK_LINES.sub("\n\n", text).strip()


def flatten_markdown(text: str) -> str:
    """Telegram's Markdown as plain text: a link keeps its words, code keeps its signs, marks go."""
    plain, end = [], 0
    for code in _CODE.finditer(text):
        plain += [_flatten_prose(text[end : code.start()]), _FENCE.sub("", code[0]).strip("`")]
        end = code.end()
    return "".join([*plain, _flatten_prose(text[end:])])


def _flatten_prose(text: str) -> str:
    return _MARK.sub("", _LINK.sub(r"\1", text))
