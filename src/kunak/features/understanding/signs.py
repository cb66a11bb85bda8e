"""What a text shows of its intent: pieces of words, words, neighbours, its frame. Training and use read it alike."""

import re
from dataclasses import dataclass
from itertools import pairwise

_TOKEN = re.compile(r"#[a-z]+|[а-яa-z]+(?:'[a-z]+)?|\d+|[?!%+=]|[\U0001F300-\U0001FAFF\u2600-\u27BF]")
_PIECES = (3, 4, 5)
_ROOT = 5
# Who asks to be called, and who names the terms of a job, offers something.
_OFFERS = {
    "contact": re.compile(
        r"#phone|звони|пишите|обращ|в (?:лс|личк|директ|вотсап|ватсап)|\bтел\b|подробности|"
        r"\b(?:call|dm|pm|text|message|contact|whatsapp) (?:me|us)\b|\bby phone\b|for details"
    ),
    "terms": re.compile(
        r"опыт (?:не |работы)|без опыта|обуч(?:им|ение|аем)|соцпакет|график|оклад|\bсмен[аыу]\b|"
        r"официальное оформление|оплата|"
        r"предоставля|ежедневн|возраст от|experience|training|provided|full[- ]time|shifts?\b|schedule|daily pay|salary"
    ),
    "own": re.compile(
        r"собственник|без посредников|документы|самовывоз|торг|доставк|гарантия|стаж|"
        r"pick[- ]?up|negotiable|owner|reward|each\b"
    ),
}
_SIZES = (0, 1, 2, 3, 5, 8, 12, 18, 30)


@dataclass(frozen=True)
class Signs:
    """Two bags; each counts as a whole, however long the text is."""

    pieces: frozenset[str]
    words: frozenset[str]


def read_signs(marked: str, things: frozenset[str], flags: frozenset[str]) -> Signs:
    """The signs of a folded text in which places, prices and telephone numbers are marked with `#…`.

    `things`: its words that name goods and services; `flags`: what was found in it.
    """
    tokens = [_class_of(token) for token in _TOKEN.findall(marked)]
    words = {f"={token}" for token in tokens} | {f"!{flag}" for flag in flags}
    words.update(f"!{name}" for name, pattern in _OFFERS.items() if pattern.search(marked))
    words.add(f"<{sum(len(tokens) > size for size in _SIZES)}")
    lines = ([word for word in tokens if word not in "?!"], [_root(word, things) for word in tokens])
    for line in lines:
        ends = ["^", *line, "$"]
        words.update(f"{first} {second}" for first, second in pairwise(ends))
        words.update(f"{first} * {second}" for first, second in zip(ends, ends[2:], strict=False))
    words.update(f"~{_root(token, things)}" for token in tokens)
    # «Чиню», «привезу», «посижу» offer; who looks for something says «ищу», «куплю», «сниму», and these are known.
    words.update(f"^-{token[-size:]}" for token in tokens[:1] for size in (1, 2, 3))
    words.update(f"^ {' '.join(line[:3])}" for line in lines if len(line) > 2)  # noqa: PLR2004  the first three
    return Signs(frozenset(_pieces(tokens)), frozenset(words))


def _class_of(token: str) -> str:
    if token.isdigit():
        return "#many" if len(token) > 2 else "#number"  # noqa: PLR2004  prices and years, or ages, rooms and counts
    return token if token[0].isalpha() or token[0] in "#?!%+=" else "#emoji"


def _root(token: str, things: frozenset[str]) -> str:
    return "#thing" if token in things else token[:_ROOT]


def _pieces(tokens: list[str]) -> set[str]:
    pieces: set[str] = set()
    for token in tokens:
        if token[0].isalpha():
            framed = f"_{token}_"
            for size in _PIECES:
                pieces.update(framed[at : at + size] for at in range(len(framed) - size + 1))
    return pieces
