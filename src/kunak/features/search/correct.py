"""Finds what was meant by words that nobody wrote but the one who asks."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.misspell import is_near, list_meanings, other_layout
from kunak.features.search.repository import lexicon
from kunak.features.search.repository.lexicon import Asked

_MOST_WORDS = 4
"""Words of a question that are corrected; who writes more than these wrong writes another language."""
_MOST_MEANINGS = 5
_LEAST_LIKELIHOOD = 0.15
"""Compared with the best meaning."""
_LAYOUT = 10.0
"""A whole word that makes sense on the other keyboard is no accident."""
_TWO_SLIPS = 0.1
_LONG = 6
"""Letters of a stem that may hold two slips."""
_SURE = 3
"""Letters at its beginning that are then taken for right."""
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Meaning:
    """A known word that may have been meant."""

    word: str
    lexeme: str
    entries: int
    likelihood: float
    """1 for the likeliest."""


async def correct(session: AsyncSession, unknown: Sequence[Asked]) -> dict[str, list[Meaning]]:
    """For lexemes that the lexicon does not know, what may have been meant, the likeliest first.

    Slips are looked for in the word as it was written: one in its ending would give it a stem of its own.
    """
    candidates = {each.lexeme: _guess(each) for each in unknown[:_MOST_WORDS]}
    guesses = {word for guessed in candidates.values() for word in guessed}
    if not guesses:
        return {}
    known = {each.word: each for each in await lexicon.list_known(session, sorted(guesses))}
    meanings = {lexeme: _rank(guessed, known) for lexeme, guessed in candidates.items()}
    for lexeme in [lexeme for lexeme, found in meanings.items() if not found]:
        meanings[lexeme] = await _look_further(session, lexeme)
    return {lexeme: found for lexeme, found in meanings.items() if found}


def _guess(asked: Asked) -> dict[str, float]:
    """Words that may have been meant, and how likely each is."""
    chunk = asked.word.lower()
    guesses = list_meanings(_written(chunk, asked.lexeme))
    if (typed := other_layout(chunk)) is not None:
        guesses[typed] = _LAYOUT
    return guesses


def _written(chunk: str, lexeme: str) -> str:
    """The part of `chunk` that `lexeme` is the stem of."""
    parts = [] if "-" in lexeme else _LETTERS.findall(chunk)
    return max(parts, key=lambda part: _shared_beginning(part, lexeme), default="")


def _shared_beginning(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _rank(guesses: Mapping[str, float], known: Mapping[str, Asked]) -> list[Meaning]:
    """One meaning for each lexeme; a common word is meant more often than a rare one."""
    best: dict[str, tuple[float, Asked]] = {}
    for word, likelihood in guesses.items():
        if (found := known.get(word)) is not None:
            value = likelihood * found.entries**0.5
            if value > best.get(found.lexeme, (0.0, found))[0]:
                best[found.lexeme] = value, found
    ranked = sorted(best.values(), key=lambda each: (-each[0], each[1].lexeme))[:_MOST_MEANINGS]
    return [
        Meaning(found.word, found.lexeme, found.entries, value / ranked[0][0])
        for value, found in ranked
        if value >= _LEAST_LIKELIHOOD * ranked[0][0]
    ]


async def _look_further(session: AsyncSession, lexeme: str) -> list[Meaning]:
    """Stems two slips away."""
    if len(lexeme) < _LONG or not _LETTERS.fullmatch(lexeme):
        return []
    similar = await lexicon.list_beginning(session, lexeme[:_SURE], (len(lexeme) - 2, len(lexeme) + 2))
    near = {each.lexeme: each for each in similar if is_near(each.lexeme, lexeme)}
    return _rank(dict.fromkeys(near, _TWO_SLIPS), near)
