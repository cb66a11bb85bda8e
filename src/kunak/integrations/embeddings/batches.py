"""Texts in as few requests as a server takes; servers limit both how many and how long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Batch:
    """Some of the texts given; `first` is where they begin among all."""

    first: int
    texts: Sequence[str]

    def halves(self) -> tuple["Batch", "Batch"]:
        middle = (len(self.texts) + 1) // 2
        return Batch(self.first, self.texts[:middle]), Batch(self.first + middle, self.texts[middle:])


def batches(texts: Sequence[str], *, most_texts: int, most_characters: int) -> Iterator[Batch]:
    """All of `texts` in order. One that is too long by itself goes alone."""
    first = characters = 0
    for position, text in enumerate(texts):
        is_full = position - first >= most_texts or characters + len(text) > most_characters
        if is_full and position > first:
            yield Batch(first, texts[first:position])
            first, characters = position, 0
        characters += len(text)
    if first < len(texts):
        yield Batch(first, texts[first:])
