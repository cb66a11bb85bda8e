"""The models that an evaluation asks, with all the time they need."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from kunak.features.search.schemas import Equipment
from kunak.features.search.service import VectorIndexOptions
from kunak.foundation.settings import Settings
from kunak.integrations.embeddings.interface import Embedder
from kunak.integrations.embeddings.query_vectors import QueryVectors
from kunak.processes.equipment import open_embedder, open_reranker, vector_index_options

_MOST_QUESTIONS = 50_000
LEXICAL, HYBRID = "lexical", "hybrid"


@dataclass(frozen=True)
class Models:
    """What is asked besides PostgreSQL."""

    equipment: Equipment = field(default_factory=Equipment)
    embedder: Embedder | None = None
    vector_index: VectorIndexOptions = field(default_factory=VectorIndexOptions)


NO_MODELS = Models()


@asynccontextmanager
async def open_models(settings: Settings, mode: str) -> AsyncIterator[Models]:
    """Those of the settings. `mode`: `lexical` without the embedder, `hybrid` without regard to its self-check.

    Raises:
        InvalidInputError: the settings do not go together.
    """
    async with open_embedder(settings) as embedder, open_reranker(settings) as reranker:
        options = vector_index_options(settings)
        if embedder is None or mode == LEXICAL:
            yield Models(Equipment(reranker=reranker, rerank_within_s=settings.rerank_timeout_s), None, options)
            return
        questions = QueryVectors(embedder, deadline_s=settings.embeddings_timeout_s, keep=_MOST_QUESTIONS)
        try:
            equipment = Equipment(
                questions,
                unchecked=mode == HYBRID,
                reranker=reranker,
                rerank_within_s=settings.rerank_timeout_s,
            )
            yield Models(equipment, embedder, options)
        finally:
            await questions.close()
