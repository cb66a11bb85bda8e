"""Builds the index that is measured, the product's own way."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from benchmarks.search_vectors import Matrix, RandomWords, read_words
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.search import service as search
from kunak.features.search.schemas import Entry
from kunak.foundation.db.engine import Sessions, create_sessions
from kunak.foundation.language.detect import detect_language
from kunak.integrations.vector_index.interface import Near
from kunak.processes.evaluation.beir import Text

KIND = "document"
PRICES = 1_000
"""Thing N costs N modulo this: so filters can be made that one in so many passes."""
CUT = 10
_BLOCK = 64
"""Questions that are held against all vectors together."""
_BATCH = 500
_AT_ONCE = 2


@dataclass(frozen=True)
class Built:
    """An index, and what is true of it. Passages have places, which count from 0 in the order of their entries."""

    embedder: RandomWords
    vectors: Matrix
    """Of the passages, as they are stored: of length one but for the rounding to half precision."""
    entry_ids: Sequence[int]
    things: Sequence[int]
    """Of which thing each passage is; things count from 0."""
    passages: Sequence[int]
    """Which of the thing's passages each is."""
    seconds: dict[str, float]
    size_mb: dict[str, float]

    @cached_property
    def place_of(self) -> dict[tuple[int, int], int]:
        """By thing and passage."""
        return {key: place for place, key in enumerate(zip(self.things, self.passages, strict=True))}

    def vector_of(self, question: str) -> Matrix:
        return np.asarray(self.embedder.asked[search.read_meaning(question)], dtype=np.float32)

    def list_nearest(self, questions: Sequence[str], *, among: int = 1) -> list[list[int]]:
        """For each the ten places nearest, of those that one in `among` things passes as; by looking at all of them."""
        passing = np.flatnonzero(np.asarray(self.things) % PRICES < PRICES // among)
        vectors = self.vectors if among == 1 else self.vectors[passing]
        asked = np.stack([self.vector_of(question) for question in questions])
        blocks = (asked[start : start + _BLOCK] @ vectors.T for start in range(0, len(asked), _BLOCK))
        return [[int(passing[place]) for place in _highest(row, CUT)] for block in blocks for row in block]

    def find_near(self, vector: Matrix, limit: int) -> list[Near]:
        """The nearest entries to any vector."""
        nearness = self.vectors @ vector
        return [Near(self.entry_ids[place], float(nearness[place])) for place in _highest(nearness, limit)]


def _highest(values: Matrix, count: int) -> list[int]:
    best = np.argpartition(-values, min(count, len(values) - 1))[:count]
    return [int(place) for place in best[np.argsort(-values[best])]]


async def build(engine: AsyncEngine, texts: Sequence[Text], questions: Sequence[str]) -> Built:
    """Index `texts` by their words and their vectors, as large as they would be after a while."""
    sessions, seconds = create_sessions(engine), {}
    embedder = read_words(each.text for each in texts)
    started = time.perf_counter()
    await _index(sessions, texts)
    seconds["words"] = time.perf_counter() - started
    started = time.perf_counter()
    await search.embed_awaited(sessions, embedder, report=_report)
    seconds["vectors"] = time.perf_counter() - started - embedder.seconds
    started = time.perf_counter()
    _say("Building the index of the vectors")
    await search.keep_vector_index(engine, search.VectorIndexOptions())
    seconds["vector_index"] = time.perf_counter() - started
    await _settle(engine)
    embedder.prepare(search.read_meaning(question) for question in questions)
    ids, things, passages, vectors = await _read(engine)
    return Built(embedder, vectors, ids, things, passages, seconds, await _sizes(engine))


async def _index(sessions: Sessions, texts: Sequence[Text]) -> None:
    batches = _batches(texts)

    async def index() -> None:
        for batch in batches:
            async with sessions.begin() as session:
                await search.index(session, KIND, batch)
            _say(f"Indexed {batch[-1].thing_id + 1} of {len(texts)} documents")

    await asyncio.gather(*(index() for _ in range(_AT_ONCE)))
    async with sessions.begin() as session:
        await search.refresh_lexicon(session)


def _batches(texts: Sequence[Text]) -> Iterator[list[Entry]]:
    entries = (
        Entry(thing, each.id, each.title, each.text, detect_language(each.text), price=thing % PRICES)
        for thing, each in enumerate(texts)
    )
    while batch := list(islice(entries, _BATCH)):
        yield batch


async def _settle(engine: AsyncEngine) -> None:
    """What autovacuum would do within minutes."""
    async with engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("VACUUM (ANALYZE)"))


async def _read(engine: AsyncEngine) -> tuple[list[int], list[int], list[int], Matrix]:
    """Of each passage its entry, its thing, which passage it is, and its vector."""
    statement = text("""
        SELECT id, thing_id, passage, halfvec_send(embedding)
        FROM search_vectors JOIN search_entries ON id = entry_id ORDER BY id
    """)
    ids, things, passages, blocks = [], [], [], []
    async with engine.connect() as connection:
        rows = await connection.stream(statement)
        async for part in rows.partitions(10_000):
            for entry_id, thing, passage, _ in part:
                ids.append(entry_id)
                things.append(thing)
                passages.append(passage)
            blocks.append(np.stack([np.frombuffer(row[3], dtype=">f2", offset=4) for row in part]).astype(np.float32))
    return ids, things, passages, np.concatenate(blocks)


async def _sizes(engine: AsyncEngine) -> dict[str, float]:
    """Megabytes of all tables of search with their indexes: texts, words and lexicon; vectors; the vectors' index."""
    statement = text("""
        SELECT CASE WHEN relkind = 'i' THEN 'vector_index'
                    WHEN relname = 'search_vectors' THEN 'vectors' ELSE 'words' END,
               sum(CASE WHEN relname = 'search_vectors' THEN pg_table_size(oid)
                        WHEN relkind = 'i' THEN pg_relation_size(oid) ELSE pg_total_relation_size(oid) END)
        FROM pg_class
        WHERE relname LIKE 'search\\_%' AND (relkind = 'r' OR relname LIKE 'search\\_vectors\\_%')
        GROUP BY 1 ORDER BY 1
    """)
    async with engine.connect() as connection:
        return {name: round(float(size) / 1e6, 1) for name, size in await connection.execute(statement)}


def _report(made: int, awaited: int) -> None:
    _say(f"Made {made} of {made + awaited} vectors")


def _say(sentence: str) -> None:
    """Where somebody looks on."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{sentence}", end="", file=sys.stderr, flush=True)
