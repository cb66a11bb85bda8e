"""Reranking by a server."""

from collections.abc import Sequence

from kunak.integrations.model_endpoint.client import JsonEndpoint, all_or_first_error
from kunak.integrations.model_endpoint.texts import sendable
from kunak.integrations.reranking.styles import MOST_TEXTS, RerankStyle, request, scores


class EndpointReranker:
    """Asks `endpoint`, which speaks in `style`. A server of the style TEI serves one model, and is told no name.

    Question and texts count by their first `text_characters`.
    """

    def __init__(self, endpoint: JsonEndpoint, name: str, style: RerankStyle, *, text_characters: int = 4000) -> None:
        self._endpoint = endpoint
        self._name = name
        self._style = style
        self._text_characters = text_characters

    @property
    def model(self) -> str:
        return self._name or self._endpoint.host

    async def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """See `Reranker.rerank`."""
        question = sendable(question, self._text_characters)
        prepared = [sendable(text, self._text_characters) for text in texts]
        most = MOST_TEXTS[self._style]
        parts = [prepared[first : first + most] for first in range(0, len(prepared), most)]
        scored = await all_or_first_error(self._rerank_part(question, part) for part in parts)
        return [score for part in scored for score in part]

    async def close(self) -> None:
        await self._endpoint.close()

    async def _rerank_part(self, question: str, texts: Sequence[str]) -> list[float]:
        answer = await self._endpoint.post(request(self._style, self._name, question, texts), at_once=True)
        return scores(self._style, answer, len(texts), self._endpoint.host)
