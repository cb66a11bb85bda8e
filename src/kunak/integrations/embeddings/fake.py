"""A server of the OpenAI embeddings protocol for tests: vectors without a model, and faults on demand."""

import base64
from array import array
from typing import Any

from aiohttp import web

from kunak.integrations.embeddings.hashing import random_vector, stem_vector
from kunak.integrations.model_endpoint.fake import FakeModelServer, FaultKind, JsonObject


class FakeEmbeddings(FakeModelServer):
    """`base` + `/v1` is what to give as the address.

    Texts that share stems are near; `is_random` makes vectors that have nothing to do with the texts, as of a model
    that should be switched off.
    """

    def __init__(
        self,
        *,
        key: str | None = None,
        dimensions: int = 64,
        is_random: bool = False,
        knows_base64: bool = True,
        most_texts: int = 2048,
        longest_text: int = 100_000,
    ) -> None:
        super().__init__(key=key)
        self.dimensions = dimensions
        self._vector = random_vector if is_random else stem_vector
        self._knows_base64 = knows_base64
        self._most_texts = most_texts
        self._longest_text = longest_text

    @property
    def base(self) -> str:
        return f"{super().base}/v1"

    @property
    def texts(self) -> list[str]:
        """Every text it was asked about, in order."""
        return [text for request in self.received for text in request.body["input"]]

    def routes(self) -> dict[str, Any]:
        return {"/v1/embeddings": self._embed}

    def damage(self, kind: FaultKind, answer: Any) -> Any:
        data = answer["data"]
        match kind:
            case FaultKind.WRONG_COUNT:
                data.pop()
            case FaultKind.WRONG_ORDER:
                data.reverse()
            case FaultKind.EMPTY:
                data.clear()
            case FaultKind.WRONG_DIMENSIONS:
                data[-1]["embedding"] = [1.0] * (self.dimensions // 2)
            case FaultKind.NOT_A_NUMBER:
                data[-1]["embedding"] = [float("nan")] * self.dimensions
            case FaultKind.ZEROS:
                data[-1]["embedding"] = [0.0] * self.dimensions
            case _:
                raise ValueError(kind)
        return answer

    def _embed(self, request: JsonObject) -> JsonObject:
        encoding = request.get("encoding_format", "float")
        texts = request["input"]
        if encoding == "base64" and not self._knows_base64:
            raise _bad_request("encoding_format: unknown value")
        if len(texts) > self._most_texts:
            raise _bad_request(f"batch size {len(texts)} > maximum allowed batch size {self._most_texts}")
        if any(len(text) > self._longest_text for text in texts):
            raise _bad_request("input is longer than the maximum context length")
        dimensions = request.get("dimensions") or self.dimensions
        vectors = [self._vector(text, dimensions) for text in texts]
        return {
            "object": "list",
            "model": request["model"],
            "data": [
                {"object": "embedding", "index": index, "embedding": _encoded(vector, encoding)}
                for index, vector in enumerate(vectors)
            ],
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        }


def _encoded(vector: list[float], encoding: str) -> Any:
    return base64.b64encode(array("f", vector).tobytes()).decode() if encoding == "base64" else vector


def _bad_request(message: str) -> web.HTTPException:
    error = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
    response = web.json_response(error)
    return web.HTTPBadRequest(text=response.text, content_type="application/json")
