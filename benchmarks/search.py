"""How fast is search on a large index, beside tantivy on the same corpus and machine?

python benchmarks/search.py --documents 100000 --json

Indexes that many paragraphs of `--corpus` files (JSON lines as of BEIR; repeated with other numbers in them when there
are too few) in a database of its own on the server of DATABASE_URL, or on an embedded one, and in tantivy (on disk);
asks the questions of `--questions` folders in turn, ours and the peer's, so that a noisy machine is noisy for both;
prints the times of the best 50 in milliseconds, the seconds that building took, and the size on disk.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run as a file, its neighbours are not on the path yet
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.retrieval import Find, build_tantivy
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.features.search import service as search
from kunak.foundation.db.embedded import embedded_postgres
from kunak.foundation.db.engine import Sessions, create_engine, create_sessions
from kunak.foundation.db.migrate import upgrade
from kunak.foundation.db.scratch import scratch_database
from kunak.processes.evaluation.beir import Text, read_questions, read_texts
from kunak.processes.evaluation.measures import percentile
from kunak.processes.evaluation.retrieval import index_texts
from kunak.processes.evaluation.terminal import report_on_terminal

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
CORPORA = [SHARED / name for name in ("xquad-ru/corpus.jsonl", "xquad-en/corpus.jsonl", "background/corpus.jsonl.gz")]
QUESTIONS = [SHARED / "xquad-ru", SHARED / "xquad-en"]
BEST = 50
WARM_UP = 50


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--corpus", type=Path, action="append", help="JSON lines, plain or .gz")
    parser.add_argument("--questions", type=Path, action="append", help="folder with queries.jsonl and qrels/test.tsv")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", action="store_true", help="one line")
    options = parser.parse_args()
    texts = list(islice(_endless(options.corpus or CORPORA), options.documents))
    folders = options.questions or QUESTIONS
    questions = [question.text for folder in folders for question in read_questions(folder, "test")]
    peers = not options.no_peers and find_spec("tantivy") is not None
    if not peers:
        print("Without tantivy, which is in the dependency group `benchmark`.", file=sys.stderr)
    figures = await _measure(texts, questions, peers=peers)
    print(json.dumps(figures, indent=None if options.json else 2))


def _endless(paths: Sequence[Path]) -> Iterator[Text]:
    """The texts of all files, again and again; from the second time on each says a number of its own."""
    for again in count():
        for number, each in enumerate(chain.from_iterable(map(read_texts, paths))):
            more = f" {again}-{number}" if again else ""
            yield Text(f"{each.id}{more}", each.title, each.text + more)


async def _measure(texts: Sequence[Text], questions: Sequence[str], *, peers: bool) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_scratch_engine())
        sessions = create_sessions(engine)
        started = time.perf_counter()
        with report_on_terminal() as report:
            await index_texts(sessions, iter(texts), report)
        build_s = time.perf_counter() - started
        await _settle(engine)
        size_mb = await _size_mb(engine)
        finders: dict[str, Find] = {}
        peer_figures: dict[str, dict[str, float]] = {}
        if peers:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            started = time.perf_counter()
            finders["tantivy"] = build_tantivy(texts, folder, best=BEST)
            peer_figures["tantivy"] = {"build_s": _seconds(started), "size_mb": _folder_mb(folder)}
        times = await _ask_in_turn(sessions, finders, questions)
    return {
        "documents": len(texts),
        "lexical": _percentiles(times["lexical"]),
        "build_s": round(build_s, 1),
        "size_mb": size_mb,
        "peers": {name: built | _percentiles(times[name]) for name, built in peer_figures.items()},
    }


async def _ask_in_turn(
    sessions: Sessions, finders: dict[str, Find], questions: Sequence[str]
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in ("lexical", *finders)}
    for question in [*questions[:WARM_UP], *questions]:
        async with sessions() as session:
            started = time.perf_counter()
            await search.search(session, question, limit=BEST)
            times["lexical"].append((time.perf_counter() - started) * 1000)
        for name, find in finders.items():
            started = time.perf_counter()
            find(question)
            times[name].append((time.perf_counter() - started) * 1000)
    return {name: each[WARM_UP:] for name, each in times.items()}


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    return {f"p{part}_ms": round(percentile(times, part / 100), 2) for part in (50, 95, 99)}


def _seconds(started: float) -> float:
    return round(time.perf_counter() - started, 1)


def _folder_mb(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6, 1)


async def _settle(engine: AsyncEngine) -> None:
    """What autovacuum would do within minutes."""
    async with engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text("VACUUM (ANALYZE)"))


async def _size_mb(engine: AsyncEngine) -> float:
    """Of all tables of search with their indexes: texts, words and lexicon."""
    statement = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'search_%'"
    async with engine.connect() as connection:
        return round(float(await connection.scalar(text(statement)) or 0) / 1e6, 1)


@asynccontextmanager
async def _scratch_engine() -> AsyncIterator[AsyncEngine]:
    async with AsyncExitStack() as stack:
        if not (server := os.environ.get("DATABASE_URL")):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
            folder.chmod(0o711)  # noqa: ASYNC240  the server is not root and must get in
            server = (await stack.enter_async_context(embedded_postgres(folder))).url
        engine = create_engine(await stack.enter_async_context(scratch_database(server)), pool_size=2)
        stack.push_async_callback(engine.dispose)
        await upgrade(engine)
        yield engine


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
