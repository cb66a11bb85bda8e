"""How well and how fast does search find the right documents, beside bm25s and tantivy?

python benchmarks/retrieval.py ../shared/data/xquad-ru --background ../shared/data/background/corpus.jsonl.gz

Takes a folder in BEIR's layout, indexes its corpus (and more documents to hide it among) in a database of its own on
the server of DATABASE_URL, or on an embedded one, and in each peer; asks every question; prints JSON.

The peers stem as we do (Snowball: Russian for Cyrillic words, English for others) and run in this process; what our
figures hold beyond theirs is a database server with transactions. bm25s and tantivy are in the dependency group
`benchmark`.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import chain
from pathlib import Path
from statistics import fmean
from typing import Any

from kunak.foundation.db.embedded import embedded_postgres
from kunak.processes.evaluation.beir import Question, Text, find_corpus, read_questions, read_texts
from kunak.processes.evaluation.measures import ndcg, percentile, recall, reciprocal_rank
from kunak.processes.evaluation.retrieval import evaluate_retrieval
from kunak.processes.evaluation.terminal import report_on_terminal

Find = Callable[[str], list[str]]
"""The ids of the best 100 documents for a question."""

_WORD = re.compile(r"\w+")
_CYRILLIC = re.compile("[а-я]")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("beir", type=Path, help="folder with corpus.jsonl, queries.jsonl and qrels/")
    parser.add_argument("--split", default="test", help="which of the qrels (default: test)")
    parser.add_argument("--background", type=Path, action="append", default=[], help="more documents")
    parser.add_argument("--only", choices=["kunak", "bm25s", "tantivy"], action="append", help="measure these alone")
    options = parser.parse_args()
    chosen = options.only or ["kunak", "bm25s", "tantivy"]
    figures: dict[str, Any] = {}
    if "kunak" in chosen:
        figures["kunak"] = await _measure_kunak(options.beir, options.split, options.background)
    questions = read_questions(options.beir, options.split)
    corpora = [find_corpus(options.beir), *options.background]
    for name, build in {"bm25s": build_bm25s, "tantivy": build_tantivy}.items():
        if name in chosen:
            texts = list(chain.from_iterable(map(read_texts, corpora)))
            figures[name] = _measure_peer(build(texts), questions)
    print(json.dumps(figures, indent=2))


async def _measure_kunak(folder: Path, split: str, background: Sequence[Path]) -> dict[str, Any]:
    with report_on_terminal() as report:
        if url := os.environ.get("DATABASE_URL"):
            done = await evaluate_retrieval(url, folder, split, background=background, report=report)
            return done.as_json()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data_dir:
            Path(data_dir).chmod(0o711)  # noqa: ASYNC240  the server is not root and must get in
            async with embedded_postgres(Path(data_dir)) as server:
                done = await evaluate_retrieval(server.url, folder, split, background=background, report=report)
        return done.as_json()


def _measure_peer(find: Find, questions: Sequence[Question]) -> dict[str, float]:
    found, times = [], []
    for question in questions:
        started = time.perf_counter()
        ranking = find(question.text)
        times.append((time.perf_counter() - started) * 1000)
        found.append((ranking, question.grades))
    return {
        "ndcg@10": round(fmean(ndcg(*each, 10) for each in found), 4),
        "recall@10": round(fmean(recall(*each, 10) for each in found), 4),
        "recall@100": round(fmean(recall(*each, 100) for each in found), 4),
        "mrr@10": round(fmean(reciprocal_rank(*each, 10) for each in found), 4),
        "p50_ms": round(percentile(times, 0.50), 2),
        "p95_ms": round(percentile(times, 0.95), 2),
    }


def create_stem() -> Callable[[str], list[str]]:
    """Cuts a text into stems, as far as the libraries let us in the way PostgreSQL's `russian` does."""
    stemmer = import_module("Stemmer")
    russian, english = stemmer.Stemmer("russian"), stemmer.Stemmer("english")

    def stem(text: str) -> list[str]:
        words = _WORD.findall(text.lower().replace("ё", "е"))
        return [(russian if _CYRILLIC.search(word) else english).stemWord(word) for word in words]

    return stem


def build_bm25s(texts: Sequence[Text]) -> Find:
    bm25s = import_module("bm25s")
    stem = create_stem()
    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index([stem(f"{each.title} {each.text}") for each in texts], show_progress=False)
    best = min(100, len(texts))

    def find(question: str) -> list[str]:
        known = [token for token in stem(question) if token in index.vocab_dict]
        if not known:
            return []
        places, scores = index.retrieve([known], k=best, show_progress=False)
        return [texts[place].id for place, score in zip(places[0], scores[0], strict=True) if score > 0]

    return find


def build_tantivy(texts: Sequence[Text], folder: Path | None = None, *, best: int = 100) -> Find:
    """`folder`: where the index is kept; without one in memory."""
    tantivy = import_module("tantivy")
    stem = create_stem()
    schema = tantivy.SchemaBuilder()
    schema.add_unsigned_field("place", stored=True)
    schema.add_text_field("words", stored=False, tokenizer_name="whitespace")
    index = tantivy.Index(schema.build(), path=str(folder) if folder else None)
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for place, each in enumerate(texts):
        writer.add_document(tantivy.Document(place=place, words=" ".join(stem(f"{each.title} {each.text}"))))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def find(question: str) -> list[str]:
        terms = [tantivy.Query.term_query(index.schema, "words", token) for token in stem(question)]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
        hits = searcher.search(query, best).hits
        return [texts[searcher.doc(address).get_first("place")].id for _, address in hits]

    return find


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
