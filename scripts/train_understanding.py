"""Learn intents from the examples in scripts/understanding and write the weights that ship with the package.

uv run --group training scripts/train_understanding.py

The same examples give the same weights. Prints how well each fifth of the written examples is understood after learning
from the rest.
"""

import base64
import json
import re
import struct
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.understanding.examples import Example, fingerprint, read_filled, read_written, vary  # noqa: E402  as above

from kunak.features.understanding.classify import INTENTS, WEIGHTS  # noqa: E402  after the path is known
from kunak.features.understanding.service import signs_of  # noqa: E402  as above
from kunak.features.understanding.signs import Signs  # noqa: E402  as above
from kunak.features.understanding.transliteration import LEXICON  # noqa: E402  as above
from kunak.foundation.language.languages import Language  # noqa: E402  as above

PACKAGE = ROOT / "src" / "kunak" / "features" / "understanding"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEEN_AT_LEAST = 3
SIGNS = 16_000
FREEDOM = 12.0
"""How little large weights are held back (the inverse of the penalty)."""
FOLDS = 5
Numbers = NDArray[np.float64]


def main() -> None:
    written = [each for language in Language for each in read_written(language)]
    write_lexicon(written)
    more = [each for language in Language for each in read_filled(language)]
    examples = [*written, *more, *vary([*written, *more])]
    signs = [signs_of(each.text, now=NOW) for each in examples]
    names = choose(signs, examples)
    known = {name: at for at, name in enumerate(names)}
    matrix, goals = to_matrix(signs, known), np.array([INTENTS.index(each.intent) for each in examples])
    weights = np.array([each.weight for each in examples])
    scale = calibrate(matrix, goals, weights, [each.origin for each in examples], len(written))
    model = fit(matrix, goals, weights)
    path = write_weights(names, model, scale)
    print(f"{len(written)} written, {len(more)} filled, {len(examples)} in all; {path.stat().st_size // 1024} KB")


def write_lexicon(written: list[Example]) -> None:
    words = {
        str(language): " ".join(
            sorted({word for each in written if each.language is language for word in _words(each.text)})
        )
        for language in Language
    }
    (PACKAGE / LEXICON).write_text(json.dumps(words, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def _words(text: str) -> list[str]:
    return re.findall(r"[а-я]{3,}|(?<![а-я])[a-z]{3,}", text.lower().replace("ё", "е"))


def choose(signs: list[Signs], examples: list[Example]) -> list[str]:
    """The signs worth keeping: seen often enough, and the heaviest after a first fit."""
    counts = Counter(sign for each in signs for sign in each.pieces | each.words)
    names = sorted(name for name, count in counts.items() if count >= SEEN_AT_LEAST)
    matrix = to_matrix(signs, {name: at for at, name in enumerate(names)})
    goals = np.array([INTENTS.index(each.intent) for each in examples])
    first = fit(matrix, goals, np.array([each.weight for each in examples]))
    heaviest = np.argsort(-np.abs(first.coef_).max(axis=0), kind="stable")[:SIGNS]
    return [names[at] for at in sorted(heaviest)]


def to_matrix(signs: list[Signs], known: dict[str, int]) -> csr_matrix:
    rows, columns, values = [], [], []
    for row, each in enumerate(signs):
        for bag in (each.pieces, each.words):
            for sign in bag:
                if sign in known:
                    rows.append(row)
                    columns.append(known[sign])
                    values.append(1 / np.sqrt(len(bag)))
    return csr_matrix((values, (rows, columns)), shape=(len(signs), len(known)))


def fit(matrix: csr_matrix, goals: NDArray[np.int64], weights: Numbers) -> LogisticRegression:
    return LogisticRegression(C=FREEDOM, max_iter=300, tol=1e-4).fit(matrix, goals, sample_weight=weights)


def calibrate(matrix: csr_matrix, goals: NDArray[np.int64], weights: Numbers, groups: list[str], written: int) -> float:
    """The factor on all scores that makes confidence honest on written examples that were not learnt from."""
    scores = np.zeros((written, len(INTENTS)))
    # What was made from one sentence stays together, or a fold would know its questions already.
    folds = np.array([crc32(group.encode()) % FOLDS for group in groups])
    for fold in range(FOLDS):
        judged = np.flatnonzero(folds[:written] == fold)
        model = fit(matrix[folds != fold], goals[folds != fold], weights[folds != fold])
        scores[judged] = model.decision_function(matrix[judged])
    right = goals[:written]
    factor = minimize_scalar(
        lambda factor: -log_softmax(scores * factor, axis=1)[np.arange(written), right].mean(),
        bounds=(0.1, 3),
        method="bounded",
    ).x
    print(f"understood of the written: {(scores.argmax(axis=1) == right).mean():.3f}; scores times {factor:.2f}")
    return float(factor)


def write_weights(names: list[str], model: LogisticRegression, factor: float) -> Path:
    """Weights as whole numbers from -127 to 127, five for a sign."""
    step = np.abs(model.coef_).max() / 127
    whole = np.rint(model.coef_ / step).astype(int)
    packed = b"".join(struct.pack(f"{len(INTENTS)}b", *column) for column in whole.T)
    stored = {
        "examples": fingerprint(),
        "scale": round(float(step) * factor, 6),
        "of_none": [round(float(each) * factor, 4) for each in model.intercept_],
        "signs": "\n".join(names),
        "weights": base64.b64encode(packed).decode(),
    }
    path = PACKAGE / WEIGHTS
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
