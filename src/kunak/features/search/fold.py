"""The common shape of indexed texts and of questions, before PostgreSQL cuts them into lexemes.

Its parser takes `iPhone-15` for the word `iPhone` and the number -15, a telephone number for five numbers, and `C++`
for the letter C; here they become words that it keeps whole.
"""

import re
import unicodedata

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u0300\u0301"))
_PHONE = re.compile(r"(?<![\w+])(?:\+\d|8)[\s(\-–]{0,3}\d{3}[\s)\-–]{0,3}\d{3}[\s\-–]?\d{2}[\s\-–]?\d{2}(?!\w)")
_HYPHEN_BY_DIGIT = re.compile(r"(?<=\w)[-‐‑–/](?=\d)|(?<=\d)[-‐‑–/](?=\w)")
_LANGUAGE_NAME = re.compile(r"\b([cf])(\+\+|#)", re.IGNORECASE)
_NAMES = {"++": "plusplus", "#": "sharp"}


def fold(text: str) -> str:
    """`text` with one spelling for what people spell in several ways; never holds NUL or halves of characters."""
    text = text.replace("\0", " ").encode("utf-8", "ignore").decode()
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).replace("ё", "е").replace("Ё", "Е")
    text = _PHONE.sub(_digits, text)
    text = _LANGUAGE_NAME.sub(lambda found: found[1] + _NAMES[found[2]], text)
    return _HYPHEN_BY_DIGIT.sub(" ", text)


def _digits(found: re.Match[str]) -> str:
    """A Russian number with its country code, however it was written."""
    digits = re.sub(r"\D", "", found[0])
    return "7" + digits[1:] if found[0].startswith("8") else digits
