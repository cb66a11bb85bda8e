"""Whether two texts are copies of one: the same sentences, but for a word left out or a signature."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate, combinations, pairwise
from zlib import crc32

from kunak.features.ingestion.rarity import stem

NEAR = 4
"""Bits of 64 in which the simhashes of near-copies may differ."""
_SMALLEST = 12
"""Words; a shorter text ("alarm!") is said again of another event, so it must be the same to the letter."""
_LEFT_OUT = 0.1
"""Part of its words that a copy may lack."""

_BLOCKS = (11, 11, 11, 11, 10, 10)
"""Bits. Texts that differ in `NEAR` of them agree in two whole blocks at least."""
_LANE = 32
_COMPARED = 20_000
"""Words of a text that go into its simhash."""

_NOTHING_SAID = re.compile(r"https?://\S+|\bt\.me/\S+|\berid\b:?\s*\w+|(?<!\w)[@#]\w+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[.,:]\d+)*%?")
_DENIALS = frozenset({"не", "нет", "ни", "без", "никогда", "not", "no", "never", "without", "nobody"})


@dataclass(frozen=True)
class Wording:
    """A text, as it is compared with others."""

    words: tuple[str, ...]
    """As they are written."""

    @property
    def folded(self) -> list[str]:
        return [_fold(word) for word in self.words]

    @property
    def is_short(self) -> bool:
        return len(self.words) < _SMALLEST


def read_wording(title: str, text: str) -> Wording:
    """Without addresses, names of accounts, hashtags and marks of adverts: they differ from copy to copy."""
    return Wording(tuple(_WORD.findall(_NOTHING_SAID.sub(" ", f"{title}\n{text}"))))


def simhash(wording: Wording) -> int:
    """64 bits, few of which differ between texts that share most of their words."""
    words = set(wording.folded[:_COMPARED])
    lanes = sum(map(_spread, words)).to_bytes(64 * _LANE // 8, "little")
    counts = memoryview(lanes).cast("I")
    return sum(1 << bit for bit in range(64) if 2 * counts[bit] > len(words))


def bands(hashed: int, wording: Wording) -> list[int]:
    """15 numbers of 31 bits. Texts share one of them when their simhashes differ in four bits or fewer, and they hold
    the same numbers and denials, as copies do: so a thousand forecasts, each with its own numbers, are not compared.
    """
    starts = list(accumulate(_BLOCKS, initial=0))
    blocks = [hashed >> start & (1 << end - start) - 1 for start, end in pairwise(starts)]
    pairs = combinations(range(len(_BLOCKS)), 2)
    unchanging = crc32(" ".join(sorted(map(stem, filter(_never_differs, wording.folded)))).encode("utf-8", "replace"))
    return [
        crc32(b"%d %d %d" % (place, blocks[one], blocks[other]), unchanging) >> 1
        for place, (one, other) in enumerate(pairs)
    ]


def say_the_same(one: Wording, other: Wording) -> bool:
    """The second look at texts whose simhashes are near: a false copy hides news, so it is strict.

    One may lack words that the other has, but no number, no name, no denial; and none may be exchanged for another.
    """
    mine, others = one.folded, other.folded
    if not mine or mine == others:
        return bool(mine)
    if one.is_short or other.is_short:
        return False
    more, less = Counter(map(stem, mine)), Counter(map(stem, others))
    lacking, added = more - less, less - more
    if lacking and added:
        return False
    spare = set(lacking | added)
    if (lacking | added).total() > _LEFT_OUT * min(len(mine), len(others)):
        return False
    return not any(_matters(word) for word in (*one.words, *other.words) if stem(_fold(word)) in spare)


def _matters(word: str) -> bool:
    return word[0].isupper() or _never_differs(_fold(word))


def _never_differs(folded: str) -> bool:
    return folded in _DENIALS or any(map(str.isdigit, folded))


def _fold(word: str) -> str:
    return word.lower().replace("ё", "е")


@lru_cache(maxsize=20_000)
def _spread(word: str) -> int:
    """The bits of the word's hash, each in a lane of its own: so that all of them are counted by one addition."""
    hashed = int.from_bytes(blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "little")
    return sum(1 << bit * _LANE for bit in range(64) if hashed >> bit & 1)
