"""What search is measured beside: other engines, each built from the same texts and vectors, in this process.

Words are stemmed for them as PostgreSQL stems ours. They return what we return, texts included, where they keep texts
(LanceDB); the others, numbers of texts.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.retrieval import build_tantivy, create_stem
from benchmarks.search_vectors import DIMENSIONS, Matrix

from kunak.processes.evaluation.beir import Text

BEST = 50
EF = 100
M = 16
EF_CONSTRUCTION = 100
"""As in our own graph."""
_BATCH = 10_000

Ask = Callable[[str, Matrix], Awaitable[Sequence[int]]]
"""The places in the corpus of the best BEST for a question and its vector, best first."""


@dataclass(frozen=True)
class Corpus:
    """What all are built from; the vector of a text stands at its place."""

    texts: Sequence[Text]
    vectors: Matrix


@dataclass(frozen=True)
class Peer:
    """An engine that was built. `asks`: what it can be asked for, by the name of our own figure."""

    asks: Mapping[str, Ask]
    build_s: Mapping[str, float]
    size_mb: float
    close: Callable[[], None] = field(default=lambda: None)


async def build_peers(corpus: Corpus, folder: Path, tell: Callable[[str], None]) -> dict[str, Peer]:
    """Those that are installed; `tell` hears of the others."""
    peers = {}
    for name, build in _BUILD.items():
        if find_spec(name) is None:
            tell(f"Without {name}, which is in the dependency group `benchmark`.")
            continue
        own = folder / name
        own.mkdir()
        peers[name] = await build(corpus, own)
    return peers


async def _build_tantivy(corpus: Corpus, folder: Path) -> Peer:
    started = time.perf_counter()
    texts = [Text(str(place), each.title, each.text) for place, each in enumerate(corpus.texts)]
    find = build_tantivy(texts, folder, best=BEST)

    async def ask(question: str, _: Matrix) -> list[int]:
        return [int(place) for place in find(question)]

    return Peer({"lexical": ask}, {"lexical": _seconds(started)}, folder_mb(folder))


async def _build_hnswlib(corpus: Corpus, folder: Path) -> Peer:
    started = time.perf_counter()
    index = import_module("hnswlib").Index(space="cosine", dim=DIMENSIONS)
    index.init_index(max_elements=len(corpus.texts), M=M, ef_construction=EF_CONSTRUCTION, random_seed=1)
    await asyncio.to_thread(index.add_items, corpus.vectors, num_threads=2)
    index.set_ef(EF)
    build_s = _seconds(started)
    index.save_index(str(folder / "index"))

    async def ask(_: str, vector: Matrix) -> list[int]:
        places, _distances = index.knn_query(vector, k=BEST, num_threads=1)
        return [int(place) for place in places[0]]

    return Peer({"vector": ask}, {"vector": build_s}, folder_mb(folder))


async def _build_lancedb(corpus: Corpus, folder: Path) -> Peer:
    os.environ.setdefault("LANCEDB_LOG", "error")  # it would warn at each question, and take time for it
    lancedb, indexes = import_module("lancedb"), import_module("lancedb.index")
    stem = create_stem()
    database = await lancedb.connect_async(str(folder))
    started = time.perf_counter()
    table = await _fill_lancedb(database, corpus, stem)
    words = indexes.FTS(base_tokenizer="whitespace", stem=False, remove_stop_words=False, ascii_folding=False)
    await table.create_index("words", config=words)
    lexical_s = _seconds(started)
    started = time.perf_counter()
    graph = indexes.HnswSq(distance_type="cosine", num_partitions=1, m=M, ef_construction=EF_CONSTRUCTION)
    await table.create_index("vector", config=graph)
    build_s = {"lexical": lexical_s, "vector": _seconds(started)}
    return Peer(_lancedb_asks(table, stem), build_s, folder_mb(folder), database.close)


async def _fill_lancedb(database: Any, corpus: Corpus, stem: Callable[[str], list[str]]) -> Any:
    arrow = import_module("pyarrow")
    schema = arrow.schema(
        {
            "place": arrow.int64(),
            "title": arrow.utf8(),
            "text": arrow.utf8(),
            "words": arrow.utf8(),
            "vector": arrow.list_(arrow.float16(), DIMENSIONS),
        }
    )
    table = await database.create_table("texts", schema=schema)
    for start in range(0, len(corpus.texts), _BATCH):
        texts = corpus.texts[start : start + _BATCH]
        numbers = corpus.vectors[start : start + _BATCH].astype(np.float16).ravel()
        columns = [
            arrow.array(range(start, start + len(texts))),
            arrow.array([each.title for each in texts]),
            arrow.array([each.text for each in texts]),
            arrow.array([" ".join(stem(f"{each.title} {each.text}")) for each in texts]),
            arrow.FixedSizeListArray.from_arrays(arrow.array(numbers), DIMENSIONS),
        ]
        await table.add(arrow.Table.from_arrays(columns, schema=schema))
    await table.optimize()
    return table


def _lancedb_asks(table: Any, stem: Callable[[str], list[str]]) -> dict[str, Ask]:
    fused = import_module("lancedb.rerankers").RRFReranker()
    shown = ["place", "title", "text"]

    def by_words(question: str) -> Any:
        return table.query().nearest_to_text(" ".join(stem(question)), columns="words")

    def by_vector(vector: Matrix) -> Any:
        return table.query().nearest_to(vector.astype(np.float16)).column("vector").distance_type("cosine").ef(EF)

    async def places(query: Any) -> list[int]:
        rows = await query.select(shown).limit(BEST).to_list()
        return [row["place"] for row in rows]

    async def lexical(question: str, _: Matrix) -> list[int]:
        return await places(by_words(question))

    async def vector(_: str, given: Matrix) -> list[int]:
        return await places(by_vector(given))

    async def hybrid(question: str, given: Matrix) -> list[int]:
        words = " ".join(stem(question))
        return await places(by_vector(given).nearest_to_text(words, columns="words").rerank(fused))

    return {"lexical": lexical, "vector": vector, "hybrid": hybrid}


_BUILD: dict[str, Callable[[Corpus, Path], Awaitable[Peer]]] = {
    "tantivy": _build_tantivy,
    "lancedb": _build_lancedb,
    "hnswlib": _build_hnswlib,
}


def folder_mb(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6, 1)


def _seconds(started: float) -> float:
    return round(time.perf_counter() - started, 1)
