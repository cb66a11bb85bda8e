"""How much a word tells: words that stand in few texts tell more than those that stand in many."""

import re
from functools import cache, lru_cache
from pathlib import Path

import Stemmer

TABLE = Path(__file__).with_suffix(".txt")
"""Lines of a rarity and the stems that have it; `scripts/count_words.py` writes it."""
COMMONEST_UNKNOWN = 7.0
"""ln(1 / part of the texts): what is rarer than one text in a thousand is not in the table, and equally rare."""

_WORD = re.compile(r"[^\W_]+")
_STEMMERS = {True: Stemmer.Stemmer("russian"), False: Stemmer.Stemmer("english")}


def words_of(text: str) -> list[str]:
    """In lower case, ё as е."""
    return _WORD.findall(text.lower().replace("ё", "е"))


def is_cyrillic(word: str) -> bool:
    return "а" <= word[-1] <= "я"


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Of a word as `words_of` gives it."""
    return str(_STEMMERS[is_cyrillic(word)].stemWord(word))


def rarity(stemmed: str) -> float:
    """ln(1 / part of all texts that hold the stem), 0 to 7. The same at every time, whatever has been read so far: so
    what is alike does not depend on the order in which texts came.
    """
    return _read_table().get(stemmed, COMMONEST_UNKNOWN)


@cache
def _read_table() -> dict[str, float]:
    lines = (line.split() for line in TABLE.read_text(encoding="utf-8").splitlines())
    return {word: float(level) for level, *words in lines for word in words}
