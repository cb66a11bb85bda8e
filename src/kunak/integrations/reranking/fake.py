"""A reranking server for tests, in the three styles: scores by shared stems, and faults on demand."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from kunak.integrations.embeddings.hashing import closeness, stem_vector
from kunak.integrations.model_endpoint.fake import FakeModelServer, FaultKind, JsonObject
from kunak.integrations.reranking.styles import MOST_TEXTS, RerankStyle

_DIMENSIONS = 512


class FakeReranker(FakeModelServer):
    """Speaks all styles at once, each at its own path; answers best first, as the real ones do."""

    def routes(self) -> dict[str, Any]:
        return {"/v2/rerank": _cohere, "/v1/rerank": _jina, "/rerank": _tei}

    def damage(self, kind: FaultKind, answer: Any) -> Any:
        results = answer if isinstance(answer, list) else answer["results"]
        name = "score" if isinstance(answer, list) else "relevance_score"
        match kind:
            case FaultKind.WRONG_COUNT:
                results.pop()
            case FaultKind.WRONG_ORDER:
                results[0]["index"] = results[-1]["index"]
            case FaultKind.EMPTY:
                results.clear()
            case FaultKind.NOT_A_NUMBER:
                results[0][name] = float("nan")
            case _:
                raise ValueError(kind)
        return answer


def _cohere(body: JsonObject) -> JsonObject:
    return {"id": "1", "results": _ranked(body["query"], body["documents"], "relevance_score", body["top_n"])}


def _jina(body: JsonObject) -> JsonObject:
    results = _ranked(body["query"], body["documents"], "relevance_score", body["top_n"])
    return {"model": body["model"], "usage": {"total_tokens": 1}, "results": results}


def _tei(body: JsonObject) -> list[JsonObject]:
    most = MOST_TEXTS[RerankStyle.TEI]
    if len(body["texts"]) > most:
        words = f"batch size {len(body['texts'])} > maximum allowed batch size {most}"
        answer = web.json_response({"error": words, "error_type": "Validation"})
        raise web.HTTPUnprocessableEntity(text=answer.text, content_type="application/json")
    return _ranked(body["query"], body["texts"], "score", len(body["texts"]))


def _ranked(question: str, texts: Sequence[str], name: str, top: int) -> list[JsonObject]:
    asked = stem_vector(question, _DIMENSIONS)
    scores = [closeness(asked, stem_vector(text, _DIMENSIONS)) for text in texts]
    best = sorted(range(len(texts)), key=lambda index: -scores[index])
    return [{"index": index, name: scores[index]} for index in best[:top]]
