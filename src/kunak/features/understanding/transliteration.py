"""Russian typed in Latin letters: «prodam divan», «chto novogo»."""

import json
import re
from functools import cache
from importlib.resources import files

LEXICON = "lexicon.json"

_WORD = re.compile(r"[a-z][a-z']*")
# Longer spellings first; people follow several customs at once.
_LETTERS = """
    shch щ  sch щ  yo е  jo е  yu ю  ju ю  iu ю  ya я  ja я  ia ия  zh ж  kh х  ch ч  sh ш  ts ц  ye е  iy ий  yy ый
    ei ей  ai ай  a а  b б  v в  w в  g г  d д  e е  z з  i и  j й  k к  l л  m м  n н  o о  p п  r р  s с  t т  u у
    f ф  h х  c ц  x х  y ы  q к  ' ь
"""
_CYRILLIC = dict(zip(_LETTERS.split()[::2], _LETTERS.split()[1::2], strict=True))
_SPELLING = re.compile("|".join(_CYRILLIC))
_ROUGH = str.maketrans(
    {"ё": "е", "э": "е", "й": "и", "ы": "и", "щ": "ш", "ц": "с", "ъ": None, "ь": None, "'": None, "ю": "у"}
)
_ANY_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 3
_ENOUGH = 0.4
"""Part of the words that must be known as Russian: other languages share a word by chance."""


def rough(word: str) -> str:
    """A spelling that forgets what transliteration loses."""
    return re.sub(r"(.)\1", r"\1", word.translate(_ROUGH).replace("ия", "я").replace("иа", "я"))


def to_cyrillic(text: str) -> str:
    """`text`, in lower case, with its Latin words spelt in Cyrillic letters."""
    return _WORD.sub(lambda word: _SPELLING.sub(lambda found: _CYRILLIC[found[0]], word[0]), text)


def is_transliterated(folded: str) -> bool:
    """Whether more of the words are Russian ones than English ones."""
    russian, english = _lexicons()
    words = [word for word in _ANY_WORD.findall(folded) if len(word) >= _SHORTEST]
    ours = sum(rough(to_cyrillic(word)) in russian for word in words if word.isascii() and word not in english)
    return ours > sum(word in english for word in words) and ours >= _ENOUGH * len(words)


@cache
def _lexicons() -> tuple[frozenset[str], frozenset[str]]:
    """The words of the examples training saw: Russian ones roughly spelt, English ones as they are."""
    stored = json.loads(files(__package__).joinpath(LEXICON).read_text(encoding="utf-8"))
    return frozenset(map(rough, stored["ru"].split())), frozenset(stored["en"].split())
