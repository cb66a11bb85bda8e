"""How often does an answer quote the right document, and how fast is it?

python benchmarks/answers.py ../shared/data/xquad-ru --also ../shared/data/channels

Imports a set of questions in BEIR's layout (corpus.jsonl, queries.jsonl, qrels/*.tsv), and further files to hide the
right documents among, into a database of its own on the server of DATABASE_URL, or on an embedded one; asks every
question; prints JSON.

Times are milliseconds, `search` of the statement that finds passages, `answer` of the whole answer; `nothing` is the
part of the questions that got no quote at all.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from kunak.features.search import service as search
from kunak.foundation.db.embedded import embedded_postgres
from kunak.foundation.db.engine import Sessions, create_engine, create_sessions
from kunak.foundation.db.migrate import upgrade
from kunak.foundation.db.scratch import scratch_database
from kunak.processes.commands.import_documents import import_files


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("beir", type=Path, help="folder with corpus.jsonl, queries.jsonl and qrels/")
    parser.add_argument("--also", type=Path, action="append", default=[], help="more documents: a file or a folder")
    parser.add_argument("--qrels", default="test", help="which of the qrels (default: test)")
    parser.add_argument("--questions", type=Path, help="ask these instead of queries.jsonl")
    options = parser.parse_args()
    async with _server() as server, _scratch_sessions(server) as sessions:
        started = time.perf_counter()
        files = [options.beir / "corpus.jsonl", *_files(options.also)]
        imported = await import_files(sessions, files, report=lambda _path, _batch: None)
        seconds = time.perf_counter() - started
        figures = await _ask_all(
            sessions,
            _questions(options.questions or options.beir / "queries.jsonl"),
            _right_answers(options.beir / "qrels" / f"{options.qrels}.tsv"),
        )
    print(json.dumps({"documents": imported.added, "import_s": round(seconds, 1), **figures}, indent=2))


async def _ask_all(sessions: Sessions, questions: dict[str, str], right: dict[str, set[str]]) -> dict[str, Any]:
    first = quoted = nothing = asked = 0
    searches, answers = [], []
    for key, question in questions.items():
        if key not in right:
            continue
        asked += 1
        async with sessions() as session:
            started = time.perf_counter()
            await search.search(session, question)
            found = time.perf_counter()
            answer = await search.ask(session, question)
            answers.append((time.perf_counter() - found) * 1000)
            searches.append((found - started) * 1000)
        cited = [citation.id for citation in answer.citations]
        first += bool(right[key].intersection(cited[:1]))
        quoted += bool(right[key].intersection(cited))
        nothing += not cited
    return {
        "questions": asked,
        "hit_at_1": round(first / asked, 4),
        "quoted": round(quoted / asked, 4),
        "nothing": round(nothing / asked, 4),
        "search_ms": _percentiles(searches),
        "answer_ms": _percentiles(answers),
    }


def _percentiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "max": round(max(times), 1)}


def _files(paths: Iterable[Path]) -> list[Path]:
    return [file for path in paths for file in (sorted(path.glob("*.jsonl*")) if path.is_dir() else [path])]


def _questions(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {question["_id"]: question["text"] for question in map(json.loads, lines)}


def _right_answers(path: Path) -> dict[str, set[str]]:
    right: dict[str, set[str]] = defaultdict(set)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        question, document, score = line.split("\t")
        if int(score) > 0:
            right[question].add(document)
    return right


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240  a benchmark may wait; the server is not root and must get in
        async with embedded_postgres(Path(folder)) as server:
            yield server.url


@asynccontextmanager
async def _scratch_sessions(server: str) -> AsyncIterator[Sessions]:
    async with scratch_database(server) as url:
        engine = create_engine(url)
        try:
            await upgrade(engine)
            yield create_sessions(engine)
        finally:
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
