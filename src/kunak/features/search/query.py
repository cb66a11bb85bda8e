"""What a question asks for: words, phrases that must stand, words that must not."""

import re
from dataclasses import dataclass

from kunak.features.search.fold import fold, fold_for_search

_LONGEST_QUESTION = 2000
"""Characters of a question that are read; the rest changes nothing any more."""

_PHRASE = re.compile(r"(?P<minus>(?:(?<=\s)|(?<=\A))-)?(?:\"([^\"]+)\"|«([^«»]+)»|“([^“”]+)”|„([^„“]+)“)")
_MINUS = re.compile(r"(?:(?<=\s)|(?<=\A))-([^\W\d_][\w-]*)")

# PostgreSQL knows the English words that ask as stop words, and only a few of the Russian ones.
_ASKING = re.compile(
    r"\b(?:как(?:ой|ого|ому|им|ом|ая|ую|ое|ие|их|ими|ов|ова|ово|овы)|котор(?:ый|ого|ому|ым|ом|ая|ую|ой|ое|ые|ых|ыми)"
    r"|скольк(?:о|их|им|ими)|почему|отчего|зачем|откуда|чей|чья|чье|чьи|чьего|чьей|чьих)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Query:
    """A question taken apart; all texts are folded."""

    words: tuple[str, ...]
    """What stands between blanks, once each; those of the phrases too."""
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Words and phrases."""
    meant: str = ""
    """The question as it was written, without its operators."""


def read_query(question: str) -> Query:
    """`Ladoga "white nights" -hotel` → the words `Ladoga`, `white`, `nights`; a phrase; an excluded word."""
    text = question[:_LONGEST_QUESTION].replace("\n", " ")
    phrases: list[str] = []
    excluded: list[str] = []
    for found in _PHRASE.finditer(text):
        phrase = next(filter(None, found.groups()[1:]))
        (excluded if found["minus"] else phrases).append(fold(phrase))
    text = _PHRASE.sub(lambda found: " " if found["minus"] else found[0], text)
    excluded += map(fold, _MINUS.findall(text))
    text = _MINUS.sub(" ", text)
    words = fold_for_search(_ASKING.sub(" ", fold(text))).split()
    return Query(tuple(dict.fromkeys(words)), tuple(phrases), tuple(excluded), " ".join(text.split()))
