"""What we ask of whoever scores passages against a question.

Errors are those of `integrations.model_endpoint.errors`, as for embeddings.
"""

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """A question and texts in, scores out."""

    @property
    def model(self) -> str:
        """Which model scores; scores of two models cannot be compared."""
        ...

    async def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """A score for each of `texts`, in their order; higher is better, finite, of the model's own scale.

        How long it may take is the caller's to say: cancelled, nothing of it stays behind.
        """
        ...

    async def close(self) -> None: ...
