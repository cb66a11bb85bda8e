"""The three shapes in which rerankers are asked, and answer.

cohere  POST /v2/rerank  {model, query, documents, top_n}              → {results: [{index, relevance_score}]}
jina    POST /v1/rerank  the same, and return_documents                → {results: [{index, relevance_score}]}
tei     POST /rerank     {query, texts, truncate, raw_scores}          → [{index, score}]

All answer best first, so `index` tells which text a score is of.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from math import isfinite, nan
from typing import Any

from kunak.integrations.model_endpoint.errors import ModelUnavailableError


class RerankStyle(StrEnum):
    """Whose protocol a server speaks. vLLM, Infinity and others speak Cohere's or Jina's."""

    COHERE = "cohere"
    JINA = "jina"
    TEI = "tei"


_PATHS = {RerankStyle.COHERE: "/v2/rerank", RerankStyle.JINA: "/v1/rerank", RerankStyle.TEI: "/rerank"}

_VERSION = re.compile(r"/v\d+$")

# What servers take in one request; text-embeddings-inference as it is shipped.
MOST_TEXTS = {RerankStyle.COHERE: 1000, RerankStyle.JINA: 1000, RerankStyle.TEI: 32}


def address(base: str, style: RerankStyle) -> str:
    """Where to ask: `base` may name the server, its version (`…/v1`), or the very address (`…/rerank`)."""
    base = base.rstrip("/")
    if base.endswith("/rerank"):
        return base
    if _VERSION.search(base):
        return f"{base}/rerank"
    return base + _PATHS[style]


def request(style: RerankStyle, model: str, question: str, texts: Sequence[str]) -> dict[str, Any]:
    if style is RerankStyle.TEI:
        return {"query": question, "texts": list(texts), "truncate": True, "raw_scores": False}
    body: dict[str, Any] = {"model": model, "query": question, "documents": list(texts), "top_n": len(texts)}
    return body | {"return_documents": False} if style is RerankStyle.JINA else body


def scores(style: RerankStyle, answer: Any, expected: int, host: str) -> list[float]:
    """The scores in the order of the texts.

    Raises:
        ModelUnavailableError: not one for each text, or not a number.
    """
    results = answer if style is RerankStyle.TEI else answer.get("results") if isinstance(answer, dict) else None
    name = "score" if style is RerankStyle.TEI else "relevance_score"
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        raise ModelUnavailableError(f"{host} answered without scores; is it a reranker of the style {style}?")
    given = {str(each.get("index")): each.get(name) for each in results}
    numbers = [str(position) for position in range(expected)]
    if len(results) != expected or given.keys() != set(numbers):
        raise ModelUnavailableError(f"{host} answered with {len(results)} scores for {expected} texts, or others.")
    return [_number(given[number], host) for number in numbers]


def _number(score: Any, host: str) -> float:
    try:
        number = float(score) if isinstance(score, int | float) and not isinstance(score, bool) else nan
    except OverflowError:  # a whole number of hundreds of digits
        number = nan
    if not isfinite(number):
        raise ModelUnavailableError(f"{host} answered with a score that is not a finite number.")
    return number
