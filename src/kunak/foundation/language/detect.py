"""Which of our two languages a text is written in."""

import re

from kunak.foundation.language.languages import DEFAULT, Language

_ENOUGH = 1000
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN = re.compile("[a-z]", re.IGNORECASE)


def detect_language(text: str, *, otherwise: Language = DEFAULT) -> Language:
    """Russian when at least a third of the letters are Cyrillic; a text without letters is taken as `otherwise`.

    Russian texts quote names in Latin letters far more often than English ones quote Cyrillic.
    """
    beginning = text[:_ENOUGH]
    cyrillic, latin = len(_CYRILLIC.findall(beginning)), len(_LATIN.findall(beginning))
    if not cyrillic + latin:
        return otherwise
    return Language.RUSSIAN if cyrillic * 2 >= latin else Language.ENGLISH
