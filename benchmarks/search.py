"""How fast is search on a large index, beside other engines on the same corpus and machine?

python benchmarks/search.py --documents 100000 --json

Indexes that many paragraphs of `--corpus` files (JSON lines as of BEIR; repeated with other numbers in them when there
are too few) in a database of its own on the server of DATABASE_URL, or on an embedded one, and in each peer; asks the
questions of `--questions` folders in turn, ours and the peers', so that a noisy machine is noisy for all. Everything
goes the product's own way; only the embedder is one that needs no model, and makes vectors that are hard to find
(benchmarks/search_vectors.py says how hard). The vectors of questions are there when search begins.

Prints the times of the best 50 in milliseconds: `lexical` by words, `vector` by vectors, `hybrid` by both, and hybrid
with eight clients at once. `recall@10` is the part of the ten that all vectors, looked through one by one, come to:
of `vector` the ten nearest, of `hybrid` the first ten of a search that was given the true neighbours. `vector_filtered`
is the same for filters that one entry in so many passes. `build_s` is all of the building, `size_mb` all tables with
their indexes on disk; `built` has both part by part.

Peers, from the dependency group `benchmark`, each of which may be missing: tantivy (words), LanceDB (words, vectors and
both, on disk) and hnswlib (vectors in memory: the floor). pg_textsearch, an extension of PostgreSQL that ranks by BM25,
is not among them: it comes in no package that the embedded server could load.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run as a file, its neighbours are not on the path yet
    sys.path.insert(0, str(Path(__file__).parents[1]))

import uvloop
from benchmarks.search_asking import OURS, Figures, ask_all
from benchmarks.search_building import Built, build
from benchmarks.search_peers import Corpus, build_peers
from sqlalchemy.ext.asyncio import AsyncEngine

from kunak.foundation.db.embedded import embedded_postgres
from kunak.foundation.db.engine import create_engine
from kunak.foundation.db.migrate import upgrade
from kunak.foundation.db.scratch import scratch_database
from kunak.processes.evaluation.beir import Text, read_questions, read_texts

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
CORPORA = [SHARED / name for name in ("xquad-ru/corpus.jsonl", "xquad-en/corpus.jsonl", "background/corpus.jsonl.gz")]
QUESTIONS = [SHARED / "xquad-ru", SHARED / "xquad-en"]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--corpus", type=Path, action="append", help="JSON lines, plain or .gz")
    parser.add_argument("--questions", type=Path, action="append", help="folder with queries.jsonl and qrels/test.tsv")
    parser.add_argument("--most-questions", type=int, default=1_200, help="so many of them, evenly spread")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--json", action="store_true", help="one line")
    options = parser.parse_args()
    texts = list(islice(_endless(options.corpus or CORPORA), options.documents))
    folders = options.questions or QUESTIONS
    questions = [question.text for folder in folders for question in read_questions(folder, "test")]
    some = questions[:: -(-len(questions) // options.most_questions)]
    figures = await _measure(texts, some, peers=not options.no_peers)
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
        built = await build(engine, texts, questions)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        corpus = Corpus([texts[thing] for thing in built.things], built.vectors)
        beside = await build_peers(corpus, folder, _tell) if peers else {}
        for peer in beside.values():
            stack.callback(peer.close)
        figures = await ask_all(engine, built, beside, questions)
    peer_figures = {
        name: {"build_s": round(sum(peer.build_s.values()), 1), "size_mb": peer.size_mb, **figures[name]}
        for name, peer in beside.items()
    }
    return {"documents": len(texts)} | figures[OURS] | _how_built(built) | {"peers": peer_figures}


def _how_built(built: Built) -> Figures:
    seconds = {name: round(each, 1) for name, each in built.seconds.items()}
    return {
        "build_s": round(sum(built.seconds.values()), 1),
        "size_mb": round(sum(built.size_mb.values()), 1),
        "built": {"passages": len(built.things), "seconds": seconds, "size_mb": built.size_mb},
    }


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr)


@asynccontextmanager
async def _scratch_engine() -> AsyncIterator[AsyncEngine]:
    async with AsyncExitStack() as stack:
        if not (server := os.environ.get("DATABASE_URL")):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
            folder.chmod(0o711)  # noqa: ASYNC240  the server is not root and must get in
            server = (await stack.enter_async_context(embedded_postgres(folder))).url
        engine = create_engine(await stack.enter_async_context(scratch_database(server)), pool_size=5)
        stack.push_async_callback(engine.dispose)
        await upgrade(engine)
        yield engine


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the product runs
        runner.run(main())
