"""The common shape of a text, letter by letter, so that what is found in it can be shown as it was written."""

import unicodedata

LENGTH = 600
"""What a person wants stands at the beginning of what they write; a long text is understood by so many characters."""

_PLAIN = str.maketrans("ё\u00a0\u202f\t\n\r’‘`", "е     ''" + "'")


def shorten(text: str) -> str:
    """The part of `text` that is looked at, without blanks at its ends."""
    return unicodedata.normalize("NFC", text[: LENGTH * 2]).strip()[:LENGTH]


def fold(text: str) -> str:
    """`text` in lower case and with plain blanks and apostrophes; exactly as long as it was."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
    return lowered.translate(_PLAIN)
