"""One spelling for what answers spell in several ways."""

import re
import unicodedata

_QUOTES = re.compile(r"[\"'«»„“”‘’`]")
_DASHES = re.compile(r" ?[‐‑‒–—−-] ?")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:( )\d{3}(?: \d{3})*|(,)\d{3}(?:,\d{3})*)(?!\d|[.,]\d{3}(?!\d))")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


def fold_text(text: str) -> str:
    """Without case, quotes and doubled blanks; ё is е, a dash a hyphen, `1 000` and `1,000` are 1000, `3,5` is 3.5."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    text = _DASHES.sub("-", " ".join(_QUOTES.sub("", text).split()))
    text = _THOUSANDS.sub(lambda found: found[0].replace(" ", "").replace(",", ""), text)
    return _DECIMAL_COMMA.sub(".", text)


def stands_in(answer: str, text: str) -> bool:
    """Whether `text` holds `answer`, both folded, as whole words: 24 does not stand in 1924, nor in 24.5."""
    wanted = fold_text(answer)
    if not wanted:
        return False
    return re.search(rf"(?<!\w)(?<!\d\.){re.escape(wanted)}(?!\w|\.\d)", fold_text(text)) is not None
