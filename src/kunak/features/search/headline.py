"""What a text tells first: a headline, and a quote of what follows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kunak.features.search.split import split_sentences

_LONGEST_HEADLINE = 240
_LONGEST_QUOTE = 280
_LEAST_WORDS = 3
_LETTERS = re.compile(r"[^\W\d_]+")
_DECORATION = re.compile(r"^(?:[^\w«\"“(#@$€₽№+]|#\w+)+")
_DECORATIONS = re.compile(r"(?:https?://\S+|#\w+|(?<!\w)@\w+|[^\w.!?…»\"”)%:₽$€])++")
_LINK = re.compile(r"https?://\S+|t\.me/\S+|@\w{4,}")
_HOUSEKEEPING = re.compile(
    r"подпи(?:с|ш)|читайте (?:также|полностью)|читать (?:далее|полностью|дальше)|прислать новость"
    r"|наш(?:ем)? (?:канал|чат)|erid|subscribe|read more|follow us|join us",
    re.IGNORECASE,
)
_SENTENCE_ENDS = (".", "!", "?", "…", "»", '"')
_CLAUSE_END = re.compile(r"[,;:—–-]\s")


@dataclass(frozen=True)
class Lead:
    """Both verbatim, but for signs of decoration around them and an ellipsis where they are cut."""

    headline: str
    quote: str


def read_lead(text: str, title: str = "", *, signature: str = "") -> Lead:
    """`title` is the headline when it is given; else the first sentence that says something is.

    `signature`: the name of a channel, which many put below their posts.
    """
    sentences = [
        clean
        for each in _whole_sentences(text)
        if (clean := _clean(each)) and not _is_housekeeping(clean) and clean.rstrip(".").lower() != signature.lower()
    ]
    if title:
        return Lead(cut(title, _LONGEST_HEADLINE), _quote([each for each in sentences if each != title]))
    first = next((number for number, each in enumerate(sentences) if _says_something(each)), None)
    if first is None:
        return Lead(cut(_clean(text) or text, _LONGEST_HEADLINE), "")
    headline = cut(sentences[first], _LONGEST_HEADLINE)
    rest = sentences[first].removeprefix(headline.removesuffix("…")) if headline.endswith("…") else ""
    return Lead(
        headline, _quote([f"…{rest.lstrip(' ,;:—–-')}", *sentences[first + 1 :]] if rest else sentences[first + 1 :])
    )


def _whole_sentences(text: str) -> Iterator[str]:
    """A speech within quotation marks stays in one piece with what surrounds it."""
    held = ""
    for sentence in split_sentences(text):
        held = f"{held} {sentence}" if held else sentence
        if held.count("«") <= held.count("»") or len(held) > _LONGEST_HEADLINE:
            yield held
            held = ""
    if held:
        yield held


def cut(words: str, length: int) -> str:
    """`words`, at most so long: cut at the end of a clause when one ends near, else between words."""
    if len(words) <= length:
        return words
    kept = words[: length - 1]
    clauses = [found.start() for found in _CLAUSE_END.finditer(kept) if found.start() > length // 2]
    end = clauses[-1] if clauses else kept.rfind(" ") if " " in kept[length // 2 :] else len(kept)
    return kept[:end].rstrip(" ,;:—–-") + "…"


def _clean(sentence: str) -> str:
    begun = _DECORATION.sub("", sentence)
    return next((begun[: each.start()] for each in _DECORATIONS.finditer(begun) if each.end() == len(begun)), begun)


def _is_housekeeping(sentence: str) -> bool:
    return bool(_HOUSEKEEPING.search(sentence)) or not _LETTERS.search(_LINK.sub(" ", sentence))


def _says_something(sentence: str) -> bool:
    return len(_LETTERS.findall(_LINK.sub(" ", sentence))) >= _LEAST_WORDS


def _quote(sentences: list[str]) -> str:
    quote = ""
    for sentence in sentences:
        if quote and len(quote) + len(sentence) > _LONGEST_QUOTE:
            break
        border = " " if quote.endswith(_SENTENCE_ENDS) else "\n"
        quote = f"{quote}{border}{sentence}" if quote else cut(sentence, _LONGEST_QUOTE)
    return quote
