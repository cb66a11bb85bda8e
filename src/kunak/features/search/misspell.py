"""What somebody may have meant who wrote a word that nobody knows: the words one slip away."""

from collections.abc import Iterator
from itertools import pairwise

SHORTEST = 4
"""Letters; one letter changes a shorter word beyond recognition."""
LONGEST = 30

_ROWS = {"ru": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"), "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm")}
_ALPHABETS = {"ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя", "en": "abcdefghijklmnopqrstuvwxyz"}
_SOUND_ALIKE = ("оа", "еи", "яе", "яи", "эе", "ыи", "бп", "вф", "гк", "дт", "жш", "зс", "шщ", "чщ", "цс", "ьъ", "йи")
_SOUND_ALIKE_LATIN = ("ae", "ei", "ao", "iy", "ck", "sz", "sc", "bp", "dt", "fv", "ou", "kq")

_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюе"
_TO_RUSSIAN_KEYS = str.maketrans(*_KEYS)
_TO_LATIN_KEYS = str.maketrans(_KEYS[1][:-1], _KEYS[0][:-1])

_TRANSPOSED = 1.0
_MISSING = 0.8
_MISSING_TWIN = 1.0
_EXTRA = 0.6
_EXTRA_TWIN = 1.0
_SOUNDS_ALIKE = 0.9
_NEIGHBOUR = 0.7
_ANY_OTHER = 0.3
_FIRST_LETTER = 0.5
"""The first letter is seldom wrong."""


def list_meanings(word: str) -> dict[str, float]:
    """Every word that one slip turns into `word`, with the likelihood of the slip, 0 to 1.

    A slip is two letters transposed, one missing, one too many, or one instead of another. Empty for words that are too
    short or too long, or not of letters of one alphabet.
    """
    script = script_of(word)
    if script is None or not SHORTEST <= len(word) <= LONGEST:
        return {}
    likely: dict[str, float] = {}
    for meaning, place, likelihood in _undo_slips(word, script):
        value = likelihood * (1 if place else _FIRST_LETTER)
        if meaning != word and likely.get(meaning, 0) < value:
            likely[meaning] = value
    return likely


def script_of(word: str) -> str | None:
    """The alphabet that holds all letters of `word`, if one does."""
    return next((name for name, letters in _ALPHABETS.items() if word and not set(word) - set(letters)), None)


def other_layout(chunk: str) -> str | None:
    """What the same keys write when the keyboard is switched; None when that is no word."""
    if chunk.isascii():
        typed = chunk.translate(_TO_RUSSIAN_KEYS)
        return typed if script_of(typed) == "ru" else None
    typed = chunk.translate(_TO_LATIN_KEYS)
    return typed if script_of(typed) == "en" else None


def is_near(one: str, other: str, most: int = 2) -> bool:
    """Whether at most `most` slips lie between two words, by Damerau's and Levenshtein's distance."""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        current = [row]
        for column, against in enumerate(other, start=1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, last = last, current
    return last[-1] <= most


def _undo_slips(word: str, script: str) -> Iterator[tuple[str, int, float]]:
    """The word meant, where it differs, and how likely the slip is."""
    letters = _ALPHABETS[script]
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        around = word[max(place - 1, 0) : place + 1]
        for letter in letters:
            yield head + letter + tail, place, _MISSING_TWIN if letter in around else _MISSING
        if tail:
            twin = tail[0] in (head[-1:], tail[1:2])
            yield head + tail[1:], place, _EXTRA_TWIN if twin else _EXTRA
            for letter in letters:
                yield head + letter + tail[1:], place, _MISTAKEN.get(letter + tail[0], _ANY_OTHER)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:], place, _TRANSPOSED


def _list_mistaken() -> dict[str, float]:
    """Pairs of letters that are easily taken for each other, both ways."""
    mistaken: dict[str, float] = {}
    for rows in _ROWS.values():
        for row in rows:
            mistaken |= {a + b: _NEIGHBOUR for a, b in pairwise(row)}
        for upper, lower in pairwise(rows):
            for shift in (0, 1):
                mistaken |= {a + b: _NEIGHBOUR for a, b in zip(upper[shift:], lower, strict=False)}
    mistaken |= dict.fromkeys((*_SOUND_ALIKE, *_SOUND_ALIKE_LATIN), _SOUNDS_ALIKE)
    return mistaken | {pair[::-1]: value for pair, value in mistaken.items()}


_MISTAKEN = _list_mistaken()
