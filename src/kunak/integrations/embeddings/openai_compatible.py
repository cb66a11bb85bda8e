"""Embeddings over the protocol of OpenAI, which vLLM, Ollama, llama.cpp and text-embeddings-inference speak too."""

from collections.abc import Sequence
from typing import Any

from kunak.integrations.embeddings.batches import Batch, batches
from kunak.integrations.embeddings.interface import Vector
from kunak.integrations.embeddings.options import EmbeddingOptions
from kunak.integrations.embeddings.vectors import NoVectorError, numbers_of, unit_vector
from kunak.integrations.model_endpoint.client import JsonEndpoint, all_or_first_error
from kunak.integrations.model_endpoint.errors import ModelUnavailableError, ModelUnusableError, TextRefusedError


class OpenAICompatibleEmbedder:
    """Asks `endpoint` for vectors of the model `name`.

    Vectors are asked for in base64, a third of the size of numbers written out; a server that does not know it is asked
    again for plain numbers, and so from then on.
    """

    def __init__(self, endpoint: JsonEndpoint, name: str, options: EmbeddingOptions | None = None) -> None:
        self._endpoint = endpoint
        self._name = name
        self._options = options or EmbeddingOptions()
        self._batch_texts = self._options.batch_texts
        self._dimensions = self._options.dimensions
        self._knows_base64: bool | None = None

    @property
    def model(self) -> str:
        """See `Embedder.model`."""
        return self._options.model_id(self._name)

    async def embed_query(self, text: str) -> Vector:
        """See `Embedder.embed_query`."""
        [vector] = await self._embed(self._options.prepared_query(text), at_once=True)
        return vector

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """See `Embedder.embed_passages`."""
        return await self._embed(self._options.prepared_passages(texts))

    async def close(self) -> None:
        await self._endpoint.close()

    async def _embed(self, texts: Sequence[str], *, at_once: bool = False) -> list[Vector]:
        parts = batches(texts, most_texts=self._batch_texts, most_characters=self._options.batch_characters)
        embedded = await all_or_first_error(self._embed_batch(batch, at_once=at_once) for batch in parts)
        return [vector for part in embedded for vector in part]

    async def _embed_batch(self, batch: Batch, *, at_once: bool = False) -> list[Vector]:
        """Refused, a batch is tried by halves: it was too large, or one of its texts is to be found and named."""
        try:
            return self._vectors(await self._ask(batch.texts, at_once=at_once), batch)
        except TextRefusedError as refused:
            if refused.position is not None:
                raise
            if len(batch.texts) == 1:
                raise TextRefusedError(str(refused), position=batch.first) from None
        head, tail = batch.halves()
        vectors = [*await self._embed_batch(head), *await self._embed_batch(tail)]
        self._batch_texts = min(self._batch_texts, len(head.texts))
        return vectors

    async def _ask(self, texts: Sequence[str], *, at_once: bool) -> Any:
        body: dict[str, Any] = {"model": self._name, "input": list(texts)}
        if self._options.dimensions:
            body["dimensions"] = self._options.dimensions
        if self._knows_base64 is not False:
            try:
                answer = await self._endpoint.post({**body, "encoding_format": "base64"}, at_once=at_once)
            except TextRefusedError:
                if self._knows_base64:
                    raise
            else:
                self._knows_base64 = True
                return answer
        answer = await self._endpoint.post({**body, "encoding_format": "float"}, at_once=at_once)
        self._knows_base64 = False
        return answer

    def _vectors(self, answer: Any, batch: Batch) -> list[Vector]:
        embeddings = in_order(answer, len(batch.texts), self._endpoint.host)
        vectors = [self._vector(each, batch.first + position) for position, each in enumerate(embeddings)]
        for vector in vectors:
            self._check_dimensions(len(vector))
        return vectors

    def _vector(self, embedding: Any, position: int) -> Vector:
        try:
            return unit_vector(numbers_of(embedding))
        except NoVectorError as error:
            sentence = f"{self._endpoint.host} gave no vector for text {position}: what it sent {error}."
            raise TextRefusedError(sentence, position=position) from None

    def _check_dimensions(self, number: int) -> None:
        if self._dimensions is None:
            self._dimensions = number
        if number != self._dimensions:
            raise ModelUnusableError(
                f"{self._endpoint.host} answered with vectors of {number} numbers in place of {self._dimensions}:"
                " another model stands behind the address, or it does not know KUNAK_EMBEDDINGS_DIMENSIONS."
            )


def address(base: str) -> str:
    """Where to ask: `base` may be the server's API (`…/v1`), or the very address (`…/embeddings`)."""
    base = base.rstrip("/")
    return base if base.endswith("/embeddings") else f"{base}/embeddings"


def in_order(answer: Any, expected: int, host: str) -> list[Any]:
    """The embeddings in the order of the texts; servers may answer in another, and then number them.

    Raises:
        ModelUnavailableError: not as many as texts, or not one for each.
    """
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or not all(isinstance(each, dict) and "embedding" in each for each in data):
        raise ModelUnavailableError(f"{host} answered without embeddings.")
    if len(data) != expected:
        raise ModelUnavailableError(f"{host} answered with {len(data)} embeddings for {expected} texts.")
    numbered = {str(each.get("index", position)): each["embedding"] for position, each in enumerate(data)}
    numbers = [str(position) for position in range(expected)]
    if numbered.keys() != set(numbers):
        raise ModelUnavailableError(f"{host} numbered its embeddings wrongly.")
    return [numbered[number] for number in numbers]
