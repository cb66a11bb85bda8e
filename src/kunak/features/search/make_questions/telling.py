"""The most telling sentence of a passage, and what its words tell."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from kunak.features.search.fold import fold
from kunak.features.search.split import split_sentences

_LINK = re.compile(r"https?://\S+|www\.\S+|[@#]\w+|\S+@\S+")
_WORD = re.compile(r"[^\W\d_]{3,}|\d+(?:[.,]\d+)?")
_FEWEST = 6
"""Words of a sentence that tell something; of a shorter one no question comes that leads anywhere."""
_MOST = 40
"""Words; a longer one is a list."""
_TOP = 5


@dataclass(frozen=True)
class Known:
    """What the lexicon says of a word."""

    lexeme: str
    entries: int


@dataclass(frozen=True)
class Told:
    """A word of a sentence."""

    word: str
    lexeme: str
    weight: float
    """Its idf."""


def words_of(text: str) -> list[str]:
    """The words and numbers of a folded text, as they are written, in their order; links are none."""
    return _WORD.findall(_LINK.sub(" ", text))


def most_telling(text: str, known: Mapping[str, Known], corpus_entries: int) -> list[Told]:
    """Of the sentence whose rarest words are the rarest, the words that tell something, in their order, once each.

    Empty when no sentence has enough of them. `known`: by lower-case word; stop words are not in it.
    """
    sentences = [_tell(words_of(fold(each)), known, corpus_entries) for each in split_sentences(text)]
    return max((each for each in sentences if _FEWEST <= len(each) <= _MOST), key=_telling, default=[])


def _tell(words: Iterable[str], known: Mapping[str, Known], corpus_entries: int) -> list[Told]:
    told: dict[str, Told] = {}
    for word in words:
        if (found := known.get(word.lower())) is not None:
            idf = log(1 + (max(corpus_entries - found.entries, 0) + 0.5) / (found.entries + 0.5))
            told.setdefault(found.lexeme, Told(word, found.lexeme, idf))
    return list(told.values())


def _telling(sentence: list[Told]) -> float:
    return sum(sorted((each.weight for each in sentence), reverse=True)[:_TOP])
