"""How many documents a second come in, what comparing them costs, and how fast pages are taken apart.

python benchmarks/ingestion.py --documents 20000 --sizes 10000 100000 1000000 --json

Writes an export of Telegram Desktop of that many posts (from `--posts`, files of JSON lines with a `text` and a `date`;
repeated at other times, with other numbers in them, when there are too few) and reads it as a source, through the whole
pipeline without embeddings, into a database of its own on the server of DATABASE_URL, or on an embedded one. `rss_mb`
is the most memory that this process held meanwhile. `dedup_ms` is what comparing one document costs among so many:
see benchmarks/dedup.py, which knows more. Then takes apart the pages of `--pages` (a folder of *.html), or made ones,
with title, author and date: ours, and trafilatura alone asked for the same.
"""

import argparse
import asyncio
import gzip
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # run as a file, its neighbours are not on the path yet
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.dedup import BATCH, BATCHES, measure_dedup, read_texts
from benchmarks.scratch import scratch_engine
from trafilatura import extract

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.formats.article import read_article
from kunak.features.ingestion.schemas import NewSource, SourceKind
from kunak.foundation.db.engine import create_sessions
from kunak.integrations.web_pages.fake import FakeWebPages

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
MADE_PAGES = 200
FAR_APART_S = 2 * 366 * 86_400


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--posts", type=Path, action="append", help="JSON lines, plain or .gz")
    parser.add_argument("--pages", type=Path, help="folder of *.html")
    parser.add_argument("--json", action="store_true", help="one line")
    options = parser.parse_args()
    posts = options.posts or sorted((SHARED / "channels").glob("*.jsonl.gz"))
    figures = await _measure_pipeline(posts, options.documents)
    async with scratch_engine() as engine:
        compared = await measure_dedup(engine, sorted(options.sizes), read_texts(posts, BATCH * BATCHES))
    figures["dedup_ms"] = compared["dedup_ms"]
    figures |= _measure_extraction(_pages(options.pages, posts))
    print(json.dumps(figures, indent=None if options.json else 2))


async def _measure_pipeline(posts: Sequence[Path], documents: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "result.json"
        _write_export(export, islice(_endless(posts), documents))
        async with scratch_engine() as engine:
            sessions = create_sessions(engine)
            new = NewSource(SourceKind.TELEGRAM_EXPORT, "benchmark", "Benchmark", str(export))
            async with sessions.begin() as session:
                source = await ingestion.add_source(session, new, actor="benchmark")
            started = time.perf_counter()
            reading = await ingestion.read_source(sessions, ingestion.Outside(FakeWebPages()), source.id)
            took = time.perf_counter() - started
    assert reading.error is None, reading.error
    assert reading.stored.added > documents * 0.9
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"documents_per_s": round(reading.stored.added / took, 1), "rss_mb": round(held, 1)}


def _write_export(path: Path, posts: Iterator[tuple[str, int]]) -> None:
    with path.open("w") as file:
        file.write('{"name": "Benchmark", "type": "public_channel", "id": 1, "messages": [')
        for number, (text, at) in enumerate(posts):
            message = {"id": number, "type": "message", "date_unixtime": str(at), "text": text}
            file.write(("," if number else "") + json.dumps(message, ensure_ascii=False))
        file.write("]}")


def _endless(paths: Sequence[Path]) -> Iterator[tuple[str, int]]:
    """The texts of all files and when they were posted, again and again; every other time years apart from the others,
    and with a number of its own in each text.
    """
    for again in count():
        for path in paths:
            with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
                for number, line in enumerate(file):
                    post = json.loads(line)
                    at = int(datetime.fromisoformat(post["date"]).timestamp()) - again * FAR_APART_S
                    yield (f"{post['text']} {again}-{number}" if again else post["text"]), at


def _pages(folder: Path | None, posts: Sequence[Path]) -> list[bytes]:
    if folder:
        return [path.read_bytes() for path in sorted(folder.glob("*.html"))]
    texts = (text for text, _ in _endless(posts) if len(text) > 300)
    return [_make_page(list(islice(texts, 6))) for _ in range(MADE_PAGES)]


def _make_page(texts: list[str]) -> bytes:
    title = texts[0].split("\n")[0][:80]
    menu = "".join(f'<li><a href="/{number}">Раздел {number}</a></li>' for number in range(40))
    side = "".join(f'<div class="card"><a href="/n{number}">Другая новость {number}</a></div>' for number in range(30))
    paragraphs = "".join(f"<p>{line}</p>" for text in texts for line in text.split("\n") if line.strip())
    head = f'<meta charset="utf-8"><title>{title}</title><meta property="article:published_time" content="2026-11-18">'
    body = (
        f"<nav><ul>{menu}</ul></nav><main><article><h1>{title}</h1>{paragraphs}</article></main><aside>{side}</aside>"
    )
    return f"<!DOCTYPE html><html lang=ru><head>{head}</head><body>{body}<footer>©</footer></body></html>".encode()


def _measure_extraction(pages: Sequence[bytes]) -> dict[str, Any]:
    """Ours and theirs in turn, so that a noisy machine is noisy for both."""
    ours = theirs = 0.0
    for page in pages:
        ours += _seconds(lambda: read_article(page, "https://example.org/a"))  # noqa: B023  called at once
        theirs += _seconds(lambda: extract(page, with_metadata=True))  # noqa: B023  as above
    return {"extract_per_s": round(len(pages) / ours, 1), "trafilatura_per_s": round(len(pages) / theirs, 1)}


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
