"""An embedder whose vectors are known: texts about the same thing are near."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

from kunak.features.search import service
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import RetryableError, TerminalError
from kunak.integrations.embeddings.interface import Embedder

SIZE = 8
Vector = Sequence[float]


def axis(number: int, *, tilt: float = 0.0) -> Vector:
    """Of length one, along this axis, or a little beside it."""
    vector = [0.0] * SIZE
    vector[number] = sqrt(1 - tilt**2)
    vector[(number + 1) % SIZE] = tilt
    return vector


@dataclass
class Meanings:
    """Each text lies along the axis of the first sign that stands in it; a text without any, along the last."""

    signs: Mapping[str, int]
    model: str = "meanings"
    asked: list[Sequence[str]] = field(default_factory=list)
    is_away: bool = False
    cannot_take: str | None = None
    size: int = SIZE

    async def embed_query(self, text: str) -> Vector:
        if self.is_away:
            raise RetryableError("The embedder is away.")
        return next((axis(number) for sign, number in self.signs.items() if sign in text), axis(SIZE - 1))[: self.size]

    async def vector_of(self, text: str) -> Vector | None:
        return None if self.is_away else await self.embed_query(text)

    async def close(self) -> None:
        pass

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        self.asked.append(texts)
        if self.cannot_take and any(self.cannot_take in text for text in texts):
            raise TerminalError("A text is too long.")
        return [await self.embed_query(text) for text in texts]


async def embed(sessions: Sessions, embedder: Embedder) -> int:
    return await service.embed_awaited(sessions, embedder)
