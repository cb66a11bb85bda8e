"""Writes how rare words are: counts in how many texts each stem stands.

    python scripts/count_words.py TEXTS.jsonl[.gz] …

Each line of a file is an object with a `text`. The table goes where `kunak.features.ingestion.rarity` reads it.
"""

import gzip
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import log
from pathlib import Path

import orjson

from kunak.features.ingestion.rarity import COMMONEST_UNKNOWN, TABLE, is_cyrillic, stem, words_of

_BEGINNING = 2_000
"""Characters of a text that are read."""


def main(paths: list[Path]) -> None:
    counts: Counter[str] = Counter()
    texts: Counter[bool] = Counter()
    for text in _read_texts(paths):
        stems = {stem(word) for word in words_of(text[:_BEGINNING])}
        counts.update(stems)
        texts[sum(map(is_cyrillic, stems)) * 2 > len(stems)] += 1
    levels: defaultdict[float, list[str]] = defaultdict(list)
    for word, count in counts.items():
        rarity = round(2 * log((texts[is_cyrillic(word)] + 1) / (count + 1))) / 2
        if word.isalpha() and rarity < COMMONEST_UNKNOWN:
            levels[max(rarity, 0.0)].append(word)
    lines = (f"{level} {' '.join(sorted(words))}\n" for level, words in sorted(levels.items()))
    TABLE.write_text("".join(lines), encoding="utf-8")


def _read_texts(paths: list[Path]) -> Iterator[str]:
    for path in paths:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            for line in lines:
                yield orjson.loads(line)["text"]


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])
