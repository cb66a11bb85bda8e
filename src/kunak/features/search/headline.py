"""What a text tells first: a headline, and a quote of what follows."""

import re
from dataclasses import dataclass

from kunak.features.search.split import split_sentences

_LONGEST_HEADLINE = 140
_LONGEST_QUOTE = 280
_LEAST_WORDS = 3
_LETTERS = re.compile(r"[^\W\d_]+")
_DECORATION = re.compile(r"^(?:[^\w«\"“(#@$€₽№+]|(?:#\w+\s*)+)+")
_ENDING = re.compile(r"(?:\s|https?://\S+|#\w+|[^\w.!?…»\"”)%:])+$")
_LINK = re.compile(r"https?://\S+|t\.me/\S+|@\w{4,}")
_HOUSEKEEPING = re.compile(
    r"подпи(?:с|ш)|читайте (?:также|полностью)|читать (?:далее|полностью|дальше)|прислать новость"
    r"|наш(?:ем)? (?:канал|чат)"
    r"|erid|subscribe|read more|follow us|join us",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,;:—–-]\s")


@dataclass(frozen=True)
class Lead:
    """Both verbatim, but for signs of decoration around them and an ellipsis where they are cut."""

    headline: str
    quote: str


def read_lead(text: str, title: str = "") -> Lead:
    """`title` is the headline when it is given; else the first sentence that says something is."""
    sentences = [clean for each in split_sentences(text) if (clean := _clean(each)) and _says_something(clean)]
    if title:
        return Lead(cut(title, _LONGEST_HEADLINE), _quote([each for each in sentences if each != title]))
    if not sentences:
        return Lead(cut(_clean(text), _LONGEST_HEADLINE), "")
    first, *rest = sentences
    if len(first) <= _LONGEST_HEADLINE:
        return Lead(first, _quote(rest))
    return Lead(cut(first, _LONGEST_HEADLINE), _quote(sentences))


def cut(words: str, length: int) -> str:
    """`words`, at most so long: cut at the end of a clause when one ends near, else between words."""
    if len(words) <= length:
        return words
    kept = words[: length - 1]
    clauses = [found.start() for found in _CLAUSE_END.finditer(kept) if found.start() > length // 2]
    end = clauses[-1] if clauses else kept.rfind(" ") if " " in kept[length // 2 :] else len(kept)
    return kept[:end].rstrip(" ,;:—–-") + "…"


def _clean(sentence: str) -> str:
    return _ENDING.sub("", _DECORATION.sub("", sentence))


def _says_something(sentence: str) -> bool:
    words = _LETTERS.findall(_LINK.sub(" ", sentence))
    return len(words) >= _LEAST_WORDS and not _HOUSEKEEPING.search(sentence)


def _quote(sentences: list[str]) -> str:
    quote = ""
    for sentence in sentences:
        if quote and len(quote) + len(sentence) > _LONGEST_QUOTE:
            break
        quote = f"{quote} {sentence}" if quote else cut(sentence, _LONGEST_QUOTE)
    return quote
