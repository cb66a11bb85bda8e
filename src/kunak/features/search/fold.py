"""The common shape of indexed texts and of questions, before PostgreSQL cuts them into lexemes.

Its parser takes `iPhone-15` for the word `iPhone` and the number -15, a telephone number for five numbers, and `C++`
for the letter C; here they become words that it keeps whole.
"""

import re
import unicodedata

# Each begins with what it takes, and only then looks back: so the engine leaps from one such character to the next,
# and a text is folded in a third of the time.
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff\u0300\u0301]")
_PHONE = re.compile(
    r"[+8](?<![\w+].)(?:(?<=\+)\d|(?<=8))[\s(\-–]{0,3}\d{3}[\s)\-–]{0,3}\d{3}[\s\-–]?\d{2}[\s\-–]?\d{2}(?!\w)"
)
_THOUSANDS = re.compile(r"\d(?<![\w.,+-]\d)\d{0,2}(?:( )\d{3}(?: \d{3})*|(,)\d{3}(?:,\d{3})*)(?![\w]|[.,]\d)")
_HYPHEN_BY_DIGIT = re.compile(r"[-‐‑–/](?:(?<=\w.)(?=\d)|(?<=\d.)(?=\w))")
_MODEL = re.compile(r"\d(?<=[^\W\d_]{3}\d)")
_LANGUAGE_NAME = re.compile(r"\b([cfс])(\+\+|#)", re.IGNORECASE)
_NAMES = {"++": "plusplus", "#": "sharp"}
_NEGATED = re.compile(r"[нН][еЕ](?<!\w..)\s+([^\W\d_]{3,})")

_LATIN_TWINS = "aceopxykmhtbABCEHKMOPTXY"
_CYRILLIC_TWINS = "асеорхукмнтвАВСЕНКМОРТХУ"
_TO_CYRILLIC = str.maketrans(_LATIN_TWINS, _CYRILLIC_TWINS)
_TO_LATIN = str.maketrans(_CYRILLIC_TWINS, _LATIN_TWINS)
# Possessive, and only at a word's beginning: a word of thousands of letters is read once.
_MIXED = re.compile(r"(?<![a-zA-Zа-яА-Я])(?:[а-яА-Я]++[a-zA-Z]|[a-zA-Z]++[а-яА-Я])[a-zA-Zа-яА-Я]*")
_ONE_SCRIPT = re.compile(r"[а-яА-Я]+|[a-zA-Z]+")


def fold(text: str) -> str:
    """`text` with one spelling for what people spell in several ways; never holds NUL or halves of characters."""
    text = text.replace("\0", " ").encode("utf-8", "ignore").decode()
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("ё", "е").replace("Ё", "Е")
    text = _MIXED.sub(_in_one_script, text)
    text = _PHONE.sub(_digits, text)
    text = _THOUSANDS.sub(lambda found: found[0].replace(" ", "").replace(",", ""), text)
    if "++" in text or "#" in text:
        text = _LANGUAGE_NAME.sub(lambda found: found[1].translate(_TO_LATIN) + _NAMES[found[2]], text)
    return _MODEL.sub(r" \g<0>", _HYPHEN_BY_DIGIT.sub(" ", text))


def fold_for_search(folded: str) -> str:
    """A folded text with a word of its own for what is denied: `не` alone is a stop word, so that a lift that does not
    work would be one that works.
    """
    return _NEGATED.sub(r"\g<0> не\1", folded)


def _in_one_script(found: re.Match[str]) -> str:
    """A letter of the other script that looks the same was a slip: the word is in the script of the rest."""
    word = found[0]
    cyrillic, latin = word.translate(_TO_CYRILLIC), word.translate(_TO_LATIN)
    if _ONE_SCRIPT.fullmatch(cyrillic):
        return cyrillic
    return latin if _ONE_SCRIPT.fullmatch(latin) else word


def _digits(found: re.Match[str]) -> str:
    """A Russian number with its country code, however it was written."""
    digits = re.sub(r"\D", "", found[0])
    return "7" + digits[1:] if found[0].startswith("8") else digits
