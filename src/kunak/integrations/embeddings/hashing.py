"""Vectors without a model, for tests: deterministic, and of some use where texts share the beginnings of words."""

import hashlib
import math
import random
import re

_WORD = re.compile(r"[^\W_]+")
_STEM = 5


def stem_vector(text: str, dimensions: int) -> list[float]:
    """Texts that share stems (roughly: the first five letters) point the same way; words once, however often said."""
    numbers = [0.0] * dimensions
    for stem in {word[:_STEM] for word in _WORD.findall(text.casefold().replace("ё", "е"))}:
        seed = hashlib.blake2b(stem.encode("utf-8", "replace"), digest_size=8).digest()
        number = int.from_bytes(seed, "big")
        numbers[number % dimensions] += 1.0 if number >> 63 else -1.0
    return numbers if any(numbers) else random_vector(text, dimensions)


def random_vector(text: str, dimensions: int) -> list[float]:
    """A direction that has nothing to do with what the text says, but is the same each time."""
    chance = random.Random(text)  # noqa: S311 - chance for tests, not a secret
    return [chance.gauss() for _ in range(dimensions)]


def closeness(one: list[float], other: list[float]) -> float:
    """The cosine of the angle between two vectors that are not zero."""
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return product / (math.hypot(*one) * math.hypot(*other))
