"""Embeddings by a model in our own process."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.embeddings.batches import Batch, batches
from kunak.integrations.embeddings.interface import Vector
from kunak.integrations.embeddings.options import EmbeddingOptions
from kunak.integrations.embeddings.vectors import NoVectorError, unit_vector
from kunak.integrations.local_model import ModelFolder, ModelThread, folder_of, require_extra
from kunak.integrations.model_endpoint.errors import TextRefusedError

if TYPE_CHECKING:
    from fastembed import TextEmbedding

# What is computed in one go, and so the longest that a question waits behind passages. Larger pieces are no faster on a
# CPU: two texts of a thousand characters keep it as busy as sixteen.
_PIECE_TEXTS = 8
_PIECE_CHARACTERS = 2000


class LocalEmbedder:
    """`name`: a model that fastembed knows, fetched into `cache` when first used, or a folder with a model in it.

    Loading begins with the first use; `warm_up` does it before. The vectors' number of dimensions is the model's own.
    """

    def __init__(self, name: str, *, cache: Path, options: EmbeddingOptions | None = None) -> None:
        """
        Raises:
            InvalidInputError: the extra is not installed, there is no model in that folder, or `options` ask for
            another number of dimensions.
        """
        if options and options.dimensions:
            raise InvalidInputError(
                "A local model has its own number of dimensions; unset KUNAK_EMBEDDINGS_DIMENSIONS."
            )
        require_extra()
        self._name = name
        self._cache = cache
        self._options = options or EmbeddingOptions()
        self._folder = folder_of(name)
        self._thread: ModelThread[TextEmbedding] = ModelThread(name, self._load)

    @cached_property
    def model(self) -> str:
        """See `Embedder.model`."""
        name = f"{self._folder.path.name}@{self._folder.fingerprint}" if self._folder else self._name
        return self._options.model_id(f"local/{name}")

    async def warm_up(self) -> None:
        """Load the model and use it once, so that the first question does not wait for that."""
        await self.embed_query("warm")

    async def embed_query(self, text: str) -> Vector:
        """See `Embedder.embed_query`."""
        [prepared] = self._options.prepared_query(text)
        [vector] = await self._thread.run(lambda model: _unit_vectors(model.query_embed(prepared), 0))
        return vector

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """See `Embedder.embed_passages`."""
        prepared = self._options.prepared_passages(texts)
        vectors: list[Vector] = []
        for piece in batches(prepared, most_texts=_PIECE_TEXTS, most_characters=_PIECE_CHARACTERS):
            vectors += await self._embed_piece(piece)
        return vectors

    async def close(self) -> None:
        self._thread.close()

    async def _embed_piece(self, piece: Batch) -> list[Vector]:
        return await self._thread.run(lambda model: _unit_vectors(model.passage_embed(list(piece.texts)), piece.first))

    def _load(self) -> "TextEmbedding":
        from fastembed import TextEmbedding  # noqa: PLC0415  an optional extra, and a second to import

        if self._folder is None:
            return TextEmbedding(self._name, cache_dir=str(self._cache))
        return TextEmbedding(_registered(self._folder), specific_model_path=str(self._folder.path))


def _unit_vectors(computed: Iterable[Iterable[float]], first: int) -> list[Vector]:
    vectors: list[Vector] = []
    for position, numbers in enumerate(computed, first):
        try:
            vectors.append(unit_vector(numbers))
        except NoVectorError as error:
            raise TextRefusedError(f"The local model gave no vector for text {position}: it {error}.") from None
    return vectors


def _registered(folder: ModelFolder) -> str:
    """The name under which fastembed knows the folder's model from now on."""
    from fastembed import TextEmbedding  # noqa: PLC0415  as above
    from fastembed.common.model_description import ModelSource, PoolingType  # noqa: PLC0415  as above

    name = f"kunak-folder/{folder.path}@{folder.fingerprint}"
    if name.lower() not in {each["model"].lower() for each in TextEmbedding.list_supported_models()}:
        TextEmbedding.add_custom_model(
            model=name,
            pooling=PoolingType[folder.pooling],
            normalization=True,
            sources=ModelSource(hf=name),
            dim=folder.dimensions or 0,
            model_file=folder.model_file,
        )
    return name
