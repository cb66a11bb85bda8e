"""What comparing a document with all others costs, among 10,000, 100,000 and a million of them.

python benchmarks/dedup.py --sizes 10000 100000 1000000 --json

Fills a database of its own, on the server of DATABASE_URL or an embedded one, with made documents and what is compared
of them (search stays empty: it is measured elsewhere), then stores batches of real posts (`--posts`, JSON lines with a
`text`), each with its numbers changed, and rolls them back. `dedup_ms` is the median time for a document: its traits,
its copies, its story. `undated_ms` is the same when nothing has a time, so that no index can lead to the days. It takes
PostgreSQL 18, as the embedded one is.
"""

import argparse
import asyncio
import gzip
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from statistics import median
from typing import IO, cast

if __name__ == "__main__":  # run as a file, its neighbours are not on the path yet
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.scratch import scratch_engine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from kunak.features.ingestion import compare
from kunak.features.ingestion.dedup import fold_copies
from kunak.features.ingestion.link_stories import link_stories
from kunak.features.ingestion.normalise import normalise_post
from kunak.features.ingestion.repository import documents
from kunak.features.ingestion.repository.documents import Row
from kunak.features.ingestion.repository.traits import lock_comparing
from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions, create_sessions
from kunak.foundation.language.languages import Language

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
SOURCE = SourceName(SourceKind.CHANNEL, "benchmark", "Benchmark")
BATCH = 100
BATCHES = 7
DAYS = 400
"""Over which the documents are spread."""

# Bands and marks of made documents are as many, as wide and as unevenly spread as those of real ones, which hold no
# number; each would be found, as far as its bands go, by real ones that are compared.
_FILL = text("""
WITH made AS (
    INSERT INTO documents (source_id, external_id, title, text, language, content_hash, published_at)
    SELECT :source_id, 'made-' || number, '', 'made', 'ru', '',
           now() - make_interval(secs => random() * 86400 * :days)
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS number
    RETURNING id, published_at
)
INSERT INTO document_traits (document_id, told_at, tie, simhash, bands, marks)
SELECT id, published_at, id, hashtextextended(CAST(id AS text), 1),
       ARRAY(SELECT CAST(crc32(convert_to(concat_ws(' ', place, blocks / 2048, blocks % 2048), 'UTF8')) >> 1 AS integer)
             FROM generate_series(0, 14) AS place
             CROSS JOIN LATERAL (
                 SELECT CAST(floor(power(random(), 2) * 4194304) AS integer) AS blocks WHERE place >= 0
             ) AS drawn
             WHERE id > 0),
       ARRAY(SELECT CAST(floor(power(random(), 3) * 200000) AS bigint)
                    + 4294967296 * CAST(floor(extract(epoch FROM published_at) / 345600) AS bigint)
             FROM generate_series(1, 16) WHERE id > 0)
FROM made
""")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--posts", type=Path, action="append", help="JSON lines, plain or .gz")
    parser.add_argument("--json", action="store_true", help="one line")
    options = parser.parse_args()
    texts = read_texts(options.posts or sorted((SHARED / "channels").glob("*.jsonl.gz")), BATCH * BATCHES)
    async with scratch_engine() as engine:
        figures = await measure_dedup(engine, sorted(options.sizes), texts)
    print(json.dumps(figures, indent=None if options.json else 2))


async def measure_dedup(engine: AsyncEngine, sizes: Sequence[int], texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """In a migrated, empty database: `dedup_ms` and `undated_ms`, by size."""
    sessions = create_sessions(engine)
    async with sessions.begin() as session:
        source_id = await documents.get_or_add_source(session, SOURCE)
    figures: dict[str, dict[str, float]] = {"dedup_ms": {}, "undated_ms": {}}
    there = 0
    for size in sizes:
        for first in range(there + 1, size + 1, 50_000):
            async with sessions.begin() as session:
                last = min(first + 49_999, size)
                await session.execute(_FILL, {"source_id": source_id, "first": first, "last": last, "days": DAYS})
        there = size
        await _analyse(engine)
        figures["dedup_ms"][str(size)] = await _measure(sessions, source_id, texts, dated=True)
        figures["undated_ms"][str(size)] = await _measure(sessions, source_id, texts, dated=False)
    return figures


async def _measure(sessions: Sessions, source_id: int, texts: Sequence[str], *, dated: bool) -> float:
    took = []
    for number in range(BATCHES):
        batch = texts[number * BATCH : (number + 1) * BATCH]
        async with sessions() as session:
            took.append(await _compare(session, source_id, batch, dated=dated) * 1000 / len(batch))
            await session.rollback()
    return round(median(took), 3)


async def _compare(session: AsyncSession, source_id: int, texts: Sequence[str], *, dated: bool) -> float:
    """Seconds."""
    await lock_comparing(session)
    at = now() if dated else None
    rows = [
        Row(source_id, NewDocument(SOURCE, f"new-{place}", "", said, None, at), Language.RUSSIAN, b"")
        for place, said in enumerate(texts)
    ]
    fresh = [each.id for each in await documents.keep_changed(session, rows)]
    started = time.perf_counter()
    await compare.put_traits(session, fresh)
    folded = await fold_copies(session, fresh, ())
    await link_stories(session, set(fresh) - folded.keys(), ())
    return time.perf_counter() - started


def read_texts(paths: Sequence[Path], most: int) -> list[str]:
    """The first texts of files, in turn, so that neighbours are not of one file."""
    with ExitStack() as stack:
        files = [stack.enter_context(_open(path)) for path in paths]
        lines = (line for row in zip(*files, strict=False) for line in row)
        texts = [normalise_post(json.loads(line)["text"]) for line in islice(lines, most)]
    return [each for each in texts if each]


def _open(path: Path) -> IO[str]:
    return cast(IO[str], gzip.open(path, "rt")) if path.suffix == ".gz" else path.open()


async def _analyse(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("VACUUM (ANALYZE) documents, document_traits"))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
