"""Vectors for measuring how fast neighbours are found, made of nothing but the words of a text.

A text is the sum of its words' vectors, each weighed by how rare the word is; a word's vector points anywhere, though
less along each further dimension (its variance along dimension N is 1/N), as trained models have it. Among 100,000
texts the nearest of a question, which is much shorter, have cosines of .46 to .54, and an HNSW graph in memory (hnswlib
with m 16, ef_construction 100, ef_search 100) finds 91 % of the nearest ten. That is hard: were each dimension as good
as the first, it would find 33 %, but then no text would be near any question.

Where a corpus repeats itself, vectors lie in groups, as a million real ones do: the number that tells a copy from its
text turns its vector away, so that all copies are neighbours and none are the same.
"""

import re
import time
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

DIMENSIONS = 384
_WORDS = 1 << 17
"""Different vectors of words; two words of one vector are synonyms."""
_STEM = 6
"""Letters: more of a word are taken for its ending."""
_COPY = re.compile(r"\b\d+-\d+$")
_WORD = re.compile(r"\w+")


@dataclass
class RandomWords:
    """An embedder that needs no model and always makes the same vectors.

    `apart`: how far the copies of a text are from it, as a part of its length.
    """

    entries: NDArray[np.int64]
    """In how many texts each word stands."""
    texts: int
    apart: float = 0.75
    model: str = "random-words"
    seconds: float = 0.0
    """That it took to make vectors of passages, which is no part of search."""
    asked: dict[str, Sequence[float]] = field(default_factory=dict)
    """Vectors of questions, made before they are needed: making them is no part of search."""

    @cached_property
    def _vectors(self) -> Matrix:
        return _anywhere(1, _WORDS)

    @cached_property
    def _weights(self) -> Matrix:
        return np.log(1 + self.texts / (1.0 + self.entries)).astype(np.float32)

    def prepare(self, questions: Iterable[str]) -> None:
        self.asked = {each: array("f", self._embed(each)) for each in questions}

    async def vector_of(self, text: str) -> Sequence[float] | None:
        return self.asked[text]

    async def embed_query(self, text: str) -> Sequence[float]:
        return array("f", self._embed(text))

    async def embed_passages(self, texts: Sequence[str]) -> list[Sequence[float]]:
        started = time.perf_counter()
        made: list[Sequence[float]] = [array("f", self._embed(each)) for each in texts]
        self.seconds += time.perf_counter() - started
        return made

    async def close(self) -> None:
        """Nothing is open."""

    def _embed(self, text: str) -> Matrix:
        copy = _COPY.search(text)
        words = _words(text[: copy.start()] if copy else text)
        vector = _unit(self._weights[words] @ self._vectors[words])
        if copy:
            vector = _unit(vector + self.apart * _unit(_anywhere(crc32(copy[0].encode()), 1)[0]))
        return vector


def read_words(texts: Iterable[str]) -> RandomWords:
    """The embedder for these texts."""
    entries, count = np.zeros(_WORDS, dtype=np.int64), 0
    for count, text in enumerate(texts, start=1):  # noqa: B007  the last one counts them
        entries[_words(text)] += 1
    return RandomWords(entries, count)


def _anywhere(seed: int, count: int) -> Matrix:
    deviations = np.arange(1, DIMENSIONS + 1, dtype=np.float32) ** -0.5
    return np.random.default_rng(seed).standard_normal((count, DIMENSIONS), dtype=np.float32) * deviations


def _words(text: str) -> NDArray[np.int64]:
    stems = {word[:_STEM] for word in _WORD.findall(text.lower())} or {text}
    return np.array([crc32(stem.encode()) % _WORDS for stem in sorted(stems)], dtype=np.int64)


def _unit(vector: Matrix) -> Matrix:
    length: Matrix = vector / np.linalg.norm(vector)
    return length
