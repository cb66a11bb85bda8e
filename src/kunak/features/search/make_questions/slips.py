"""Slips of the finger."""

from random import Random

_SOUND_ALIKE = {
    "о": "а",
    "а": "о",
    "е": "и",
    "и": "е",
    "з": "с",
    "с": "з",
    "т": "д",
    "д": "т",
    "i": "y",
    "e": "a",
    "c": "k",
}
_SHORTEST = 5


def can_slip(word: str) -> bool:
    """Whether the word is of letters, and long enough to be known again."""
    return len(word) >= _SHORTEST and word.isalpha()


def slip(word: str, rng: Random) -> str:
    """`word` with one letter left out, doubled, taken for another, or changed places; the first one stays right."""
    place = rng.randrange(1, len(word) - 1)
    head, letter, tail = word[:place], word[place], word[place + 1 :]
    slips = [head + tail, head + letter + letter + tail, head + tail[0] + letter + tail[1:]]
    if (other := _SOUND_ALIKE.get(letter.lower())) is not None:
        slips.append(head + other + tail)
    return rng.choice([each for each in slips if each != word])
