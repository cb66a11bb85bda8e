"""What an installation may have besides Telegram and a database: an embedder, a reranker, an index for vectors.

Without is a normal state.
"""

import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from kunak.features.search.schemas import Equipment
from kunak.features.search.service import NearInCopy, VectorIndexOptions
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.integrations.embeddings.interface import Embedder
from kunak.integrations.embeddings.options import EmbeddingOptions
from kunak.integrations.embeddings.query_vectors import QueryVectors
from kunak.integrations.reranking.interface import Reranker
from kunak.integrations.vector_index.interface import VectorIndex

MODELS_FOLDER = "models"


@dataclass(frozen=True)
class Equipped:
    """What search asks, and who makes the vectors of what can be found."""

    search: Equipment
    embedder: Embedder | None
    vector_index: VectorIndex | None = None


@asynccontextmanager
async def open_embedder(settings: Settings) -> AsyncIterator[Embedder | None]:
    """The embedder of this installation, closed at the end; None where none is set.

    Raises:
        InvalidInputError: the settings do not go together, or the extra for local models is missing.
    """
    embedder = _embedder(settings)
    try:
        yield embedder
    finally:
        if embedder:
            await embedder.close()


@asynccontextmanager
async def open_reranker(settings: Settings) -> AsyncIterator[Reranker | None]:
    """The reranker of this installation, closed at the end; None where none is set.

    Raises:
        InvalidInputError: as `open_embedder`.
    """
    reranker = _reranker(settings)
    try:
        yield reranker
    finally:
        if reranker:
            await reranker.close()


@asynccontextmanager
async def open_vector_index(settings: Settings) -> AsyncIterator[VectorIndex | None]:
    """The index that may hold a copy of the vectors, closed at the end; None where none is set.

    Raises:
        InvalidInputError: its address is none, or its extra is missing.
    """
    if not settings.qdrant_url:
        yield None
        return
    from kunak.integrations.vector_index.opening import open_vector_index as open_index  # noqa: PLC0415  as said below

    index = open_index(settings.qdrant_url, _secret(settings.qdrant_api_key))
    try:
        yield index
    finally:
        await index.close()


@asynccontextmanager
async def open_equipment(settings: Settings, sessions: Sessions, *, patient: bool = False) -> AsyncIterator[Equipped]:
    """What search may use, closed at the end. `patient`: a question waits for its vector as long as it takes.

    Raises:
        InvalidInputError: as `open_embedder` and `open_vector_index`.
    """
    async with (
        open_embedder(settings) as embedder,
        open_reranker(settings) as reranker,
        open_vector_index(settings) as index,
    ):
        equipment = Equipment(reranker=reranker, rerank_within_s=_wait(settings, patient=patient))
        if embedder is None:
            yield Equipped(equipment, None, index)
            return
        wait_s = settings.embeddings_timeout_s if patient else settings.embeddings_wait_s
        questions = QueryVectors(embedder, deadline_s=wait_s)
        try:
            near = NearInCopy(sessions, index) if index else None
            yield Equipped(dataclasses.replace(equipment, embedder=questions, near=near), embedder, index)
        finally:
            await questions.close()


def vector_index_options(settings: Settings) -> VectorIndexOptions:
    return VectorIndexOptions(kind=settings.vector_index, most_memory_mb=settings.vector_index_memory_mb)


def _wait(settings: Settings, *, patient: bool) -> float:
    return settings.rerank_timeout_s if patient else settings.rerank_wait_s


def _embedder(settings: Settings) -> Embedder | None:
    _check_one_of("KUNAK_EMBEDDINGS", settings.embeddings_url, settings.embeddings_local, settings.embeddings_model)
    if settings.embeddings_local:
        return _local_embedder(settings, settings.embeddings_local)
    if not settings.embeddings_url:
        return None
    if not settings.embeddings_model:
        raise InvalidInputError(
            "KUNAK_EMBEDDINGS_URL is set, so KUNAK_EMBEDDINGS_MODEL must say which model to ask for."
        )
    return _remote_embedder(settings, settings.embeddings_url, settings.embeddings_model)


def _reranker(settings: Settings) -> Reranker | None:
    _check_one_of("KUNAK_RERANK", settings.rerank_url, settings.rerank_local, settings.rerank_model)
    if settings.rerank_local:
        return _local_reranker(settings, settings.rerank_local)
    if not settings.rerank_url:
        return None
    if not settings.rerank_model and settings.rerank_style != "tei":
        raise InvalidInputError("KUNAK_RERANK_URL is set, so KUNAK_RERANK_MODEL must say which model to ask for.")
    return _remote_reranker(settings, settings.rerank_url)


def _check_one_of(prefix: str, url: str | None, local: str | None, model: str | None) -> None:
    if url and local:
        raise InvalidInputError(f"{prefix}_URL and {prefix}_LOCAL are both set; keep the one that is to be used.")
    if model and not url:
        raise InvalidInputError(f"{prefix}_MODEL is set without {prefix}_URL, the server to ask for it.")


# What is not used is not imported: a server's client loads aiohttp, which a search by words does without.


def _remote_embedder(settings: Settings, url: str, model: str) -> Embedder:
    from kunak.integrations.embeddings.openai_compatible import OpenAICompatibleEmbedder, address  # noqa: PLC0415  as said above
    from kunak.integrations.model_endpoint.client import JsonEndpoint  # noqa: PLC0415  as said above

    with _named("KUNAK_EMBEDDINGS_URL, KUNAK_EMBEDDINGS_KEY"):
        endpoint = JsonEndpoint(
            address(url),
            key=_secret(settings.embeddings_key),
            timeout_s=settings.embeddings_timeout_s,
            concurrency=settings.embeddings_concurrency,
        )
    return OpenAICompatibleEmbedder(endpoint, model, _embedding_options(settings))


def _local_embedder(settings: Settings, model: str) -> Embedder:
    from kunak.integrations.embeddings.local import LocalEmbedder  # noqa: PLC0415  as said above

    with _named("KUNAK_EMBEDDINGS_LOCAL"):
        return LocalEmbedder(model, cache=settings.data_dir / MODELS_FOLDER, options=_embedding_options(settings))


def _embedding_options(settings: Settings) -> EmbeddingOptions:
    return EmbeddingOptions(
        dimensions=settings.embeddings_dimensions,
        query_prefix=settings.embeddings_query_prefix,
        passage_prefix=settings.embeddings_passage_prefix,
        text_characters=settings.embeddings_text_characters,
        batch_texts=settings.embeddings_batch,
    )


def _remote_reranker(settings: Settings, url: str) -> Reranker:
    from kunak.integrations.model_endpoint.client import JsonEndpoint  # noqa: PLC0415  as said above
    from kunak.integrations.reranking.endpoint import EndpointReranker  # noqa: PLC0415  as said above
    from kunak.integrations.reranking.styles import RerankStyle, address  # noqa: PLC0415  as said above

    style = RerankStyle(settings.rerank_style)
    with _named("KUNAK_RERANK_URL, KUNAK_RERANK_KEY"):
        endpoint = JsonEndpoint(
            address(url, style), key=_secret(settings.rerank_key), timeout_s=settings.rerank_timeout_s
        )
    return EndpointReranker(
        endpoint, settings.rerank_model or "", style, text_characters=settings.rerank_text_characters
    )


def _local_reranker(settings: Settings, model: str) -> Reranker:
    from kunak.integrations.reranking.local import LocalReranker  # noqa: PLC0415  as said above

    with _named("KUNAK_RERANK_LOCAL"):
        return LocalReranker(
            model, cache=settings.data_dir / MODELS_FOLDER, text_characters=settings.rerank_text_characters
        )


def _secret(given: SecretStr | None) -> str | None:
    return given.get_secret_value() if given else None


@contextmanager
def _named(settings: str) -> Iterator[None]:
    """Says which settings an error is about."""
    try:
        yield
    except InvalidInputError as error:
        raise InvalidInputError(f"{settings}: {error}") from None
