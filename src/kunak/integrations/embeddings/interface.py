"""What we ask of whoever turns texts into vectors.

Errors are those of `integrations.model_endpoint.errors`: ModelUnavailableError (RETRYABLE), ModelUnusableError (FATAL),
TextRefusedError (TERMINAL, with the position of the text where it is known).
"""

from collections.abc import Sequence
from typing import Protocol

Vector = Sequence[float]
"""Of length one, all numbers finite; in practice an `array` of 32-bit floats."""


class Embedder(Protocol):
    """Texts in, vectors out. All vectors of one `model` have the same number of dimensions and can be compared."""

    @property
    def model(self) -> str:
        """The id stored beside each vector; another one wherever vectors could not be compared."""
        ...

    async def embed_query(self, text: str) -> Vector:
        """The vector of what somebody looks for. A long text counts by its beginning; a blank one is refused."""
        ...

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """The vectors of what can be found, in the order of `texts`: all of them, or an error."""
        ...

    async def close(self) -> None: ...
