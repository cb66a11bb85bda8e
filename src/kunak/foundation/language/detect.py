"""Which of our two languages a text is written in."""

from typing import Literal

Language = Literal["ru", "en"]


def detect_language(text: str, *, otherwise: Language = "ru") -> Language:
    """Russian when at least a third of the letters are Cyrillic; a text without letters is taken as `otherwise`.

    Russian texts quote names in Latin letters far more often than English ones quote Cyrillic.
    """
    cyrillic = sum("а" <= letter <= "я" or letter == "ё" for letter in text.lower())
    latin = sum("a" <= letter <= "z" for letter in text.lower())
    if not cyrillic + latin:
        return otherwise
    return "ru" if cyrillic * 2 >= latin else "en"
