"""How much of what people read on pages is taken out of them, and how much else: ours beside trafilatura alone.

python benchmarks/extraction.py GOLD --json

GOLD is a folder, looked through with all folders in it, of pages NAME.html, each with the text that should be found in
NAME.txt (UTF-8) and, where it is known, what else should be, in NAME.json: `{"url", "title", "author", "date"}`, each
of them optional. The figures are means over the pages: precision, recall and F1 of words, each as often as it stands
there (a sign of Chinese or Japanese counts as a word). A page that nothing is found on counts as 0. `--each` lists the
pages too, worst first, by how much trafilatura is ahead. `title`, `author` and `date` are parts of the pages that tell
them: a title and an author are found when they have the same letters, a date when it is the same day.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

if __name__ == "__main__":  # run as a file, the package is not on the path yet
    sys.path.insert(0, str(Path(__file__).parents[1]))

from trafilatura import bare_extraction
from trafilatura.settings import Document

from kunak.features.ingestion.formats.article import read_article
from kunak.foundation.errors import KunakError

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_SAID = ("title", "author", "date")
_NOWHERE = "https://example.org/page"


@dataclass(frozen=True)
class Found:
    text: str = ""
    title: str = ""
    author: str = ""
    date: str = ""
    """`YYYY-MM-DD`."""


@dataclass(frozen=True)
class Page:
    name: str
    body: bytes
    text: str
    said: dict[str, str]
    """What the page says of itself, where that is known; and its address."""


@dataclass(frozen=True)
class Score:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="folder of NAME.html with NAME.txt")
    parser.add_argument("--each", action="store_true", help="list the pages")
    parser.add_argument("--json", action="store_true", help="one line")
    options = parser.parse_args()
    pages = list(read_gold(options.gold))
    if not pages:
        parser.error(f"There is no NAME.html with a NAME.txt in {options.gold}.")
    print(json.dumps(measure(pages, each=options.each), indent=None if options.json else 2, ensure_ascii=False))


def read_gold(folder: Path) -> Iterable[Page]:
    for path in sorted(folder.rglob("*.html")):
        if (text := path.with_suffix(".txt")).exists():
            about = path.with_suffix(".json")
            said = json.loads(about.read_text("utf-8")) if about.exists() else {}
            yield Page(path.stem, path.read_bytes(), text.read_text("utf-8"), {k: str(v) for k, v in said.items() if v})


def measure(pages: Sequence[Page], *, each: bool = False) -> dict[str, Any]:
    ours = [_read_by_us(page) for page in pages]
    theirs = [_read_by_trafilatura(page) for page in pages]
    scores = [score(found.text, page.text) for found, page in zip(ours, pages, strict=True)]
    peers = [score(found.text, page.text) for found, page in zip(theirs, pages, strict=True)]
    figures: dict[str, Any] = {"pages": len(pages), **_means(scores), **_means(peers, "trafilatura_")}
    for name in _SAID:
        if told := [number for number, page in enumerate(pages) if page.said.get(name)]:
            figures[name] = _part(_says(name, ours[at], pages[at]) for at in told)
            figures[f"trafilatura_{name}"] = _part(_says(name, theirs[at], pages[at]) for at in told)
    if each:
        rows = [_row(page, *both) for page, *both in zip(pages, scores, peers, strict=True)]
        figures["each"] = sorted(rows, key=lambda row: row["f1"] - row["trafilatura_f1"])
    return figures


def score(found: str, expected: str) -> Score:
    words, wanted = _count(found), _count(expected)
    common = (words & wanted).total()
    return Score(common / words.total() if words else 0.0, common / wanted.total() if wanted else 0.0)


def _count(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


def _read_by_us(page: Page) -> Found:
    try:
        post = read_article(page.body, page.said.get("url", _NOWHERE))
    except KunakError:
        return Found()
    return Found(post.text, post.title, post.author or "", str(post.time.date()) if post.time else "")


def _read_by_trafilatura(page: Page) -> Found:
    found = bare_extraction(page.body, with_metadata=True, include_comments=False)
    if not isinstance(found, Document):
        return Found()
    return Found(found.text or "", found.title or "", found.author or "", found.date or "")


def _says(name: str, found: Found, page: Page) -> bool:
    length = len("YYYY-MM-DD") if name == "date" else None
    return _letters(getattr(found, name)[:length]) == _letters(page.said[name][:length])


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _means(scores: Sequence[Score], prefix: str = "") -> dict[str, float]:
    measures: dict[str, Callable[[Score], float]] = {
        "f1": lambda each: each.f1,
        "precision": lambda each: each.precision,
        "recall": lambda each: each.recall,
    }
    return {f"{prefix}{name}": round(fmean(map(measure, scores)), 4) for name, measure in measures.items()}


def _part(answers: Iterable[bool]) -> float:
    return round(fmean(answers), 4)


def _row(page: Page, ours: Score, theirs: Score) -> dict[str, Any]:
    return {"page": page.name, "f1": round(ours.f1, 4), "trafilatura_f1": round(theirs.f1, 4)}


if __name__ == "__main__":
    main()
