"""How well is a text understood, how fast, and what does it weigh?

python benchmarks/understanding.py [--questions ../shared/data/xquad-ru/queries.jsonl …] [--show]

Judges the intent on the held-out sentences of scripts/understanding, by language and intent, with the confusion (rows:
what is right; columns: what was understood), and on files of questions, which are all `ask`. Prints JSON. Times are
milliseconds, of the whole of understanding, filters too, one call each.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.understanding.examples import Example, read_held_out

from kunak.features.understanding import classify
from kunak.features.understanding import service as understanding
from kunak.features.understanding.schemas import Intent
from kunak.foundation.language.languages import Language

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--questions", type=Path, nargs="*", default=[], help="more questions, as JSON lines with `text`"
    )
    parser.add_argument("--show", action="store_true", help="list what was misunderstood, on the error output")
    parser.add_argument("--json", action="store_true", help="the only form there is; accepted for likeness")
    options = parser.parse_args()
    understanding.understand("warm up", now=NOW)
    figures: dict[str, Any] = {
        f"held_out_{language}": judge(read_held_out(language), show=options.show) for language in Language
    }
    figures |= {f"{path.parent.name}": judge(_questions(path), show=options.show) for path in options.questions}
    package = Path(classify.__file__).parent
    figures["weights_kb"] = round((package / classify.WEIGHTS).stat().st_size / 1024)
    print(json.dumps(figures, indent=2, ensure_ascii=False))


def judge(examples: Iterable[Example], *, show: bool) -> dict[str, Any]:
    confusion: dict[Intent, Counter[Intent]] = defaultdict(Counter)
    languages, times, doubts = Counter[bool](), list[float](), list[tuple[float, bool]]()
    for each in examples:
        started = time.perf_counter()
        found = understanding.understand(each.text, now=NOW)
        times.append((time.perf_counter() - started) * 1000)
        confusion[each.intent][found.intent] += 1
        languages[found.language is each.language] += 1
        doubts.append((found.confidence, found.intent is each.intent))
        if show and found.intent is not each.intent:
            print(f"{each.intent:>13} → {found.intent:13} {found.confidence:.2f}  {each.text}", file=sys.stderr)
    right = sum(row[intent] for intent, row in confusion.items())
    cuts = statistics.quantiles(times, n=100)
    return {
        "questions": len(times),
        "accuracy": round(right / len(times), 4),
        "language": round(languages[True] / len(times), 4),
        "mean_confidence": round(statistics.mean(confidence for confidence, _ in doubts), 3),
        "by_intent": {intent: round(row[intent] / row.total(), 3) for intent, row in confusion.items()},
        "confusion": {intent: dict(row) for intent, row in confusion.items()},
        "p50_ms": round(cuts[49], 3),
        "p95_ms": round(cuts[94], 3),
    }


def _questions(path: Path) -> list[Example]:
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    language = Language.ENGLISH if path.parent.name.endswith("-en") else Language.RUSSIAN
    return [Example(text, Intent.ASK, language) for text in texts]


if __name__ == "__main__":
    main()
