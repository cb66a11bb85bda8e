"""Reranking by a cross-encoder in our own process."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kunak.integrations.local_model import ModelFolder, ModelThread, folder_of, require_extra
from kunak.integrations.model_endpoint.texts import sendable

if TYPE_CHECKING:
    from fastembed.rerank.cross_encoder import TextCrossEncoder

# What is computed in one go: a search that ran out of time is gone from the thread after that many texts.
_PIECE_TEXTS = 2


class LocalReranker:
    """`name`: a cross-encoder that fastembed knows, fetched into `cache` when first used, or a folder with one.

    Loading begins with the first use; `warm_up` does it before.
    """

    def __init__(self, name: str, *, cache: Path, text_characters: int = 4000) -> None:
        """
        Raises:
            InvalidInputError: the extra is not installed, or there is no model in that folder.
        """
        require_extra()
        self._name = name
        self._cache = cache
        self._text_characters = text_characters
        self._folder = folder_of(name)
        self._thread: ModelThread[TextCrossEncoder] = ModelThread(name, self._load)

    @cached_property
    def model(self) -> str:
        return f"local/{self._folder.path.name}@{self._folder.fingerprint}" if self._folder else f"local/{self._name}"

    async def warm_up(self) -> None:
        """Load the model and use it once, so that the first question does not wait for that."""
        await self.rerank("warm", ["up"])

    async def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """See `Reranker.rerank`."""
        question = sendable(question, self._text_characters)
        prepared = [sendable(text, self._text_characters) for text in texts]
        scores: list[float] = []
        for first in range(0, len(prepared), _PIECE_TEXTS):
            scores += await self._score_piece(question, prepared[first : first + _PIECE_TEXTS])
        return scores

    async def close(self) -> None:
        self._thread.close()

    async def _score_piece(self, question: str, texts: list[str]) -> list[float]:
        return await self._thread.run(lambda model: [float(score) for score in model.rerank(question, texts)])

    def _load(self) -> "TextCrossEncoder":
        from fastembed.rerank.cross_encoder import TextCrossEncoder  # noqa: PLC0415  an optional extra, slow to import

        if self._folder is None:
            return TextCrossEncoder(self._name, cache_dir=str(self._cache))
        return TextCrossEncoder(_registered(self._folder), specific_model_path=str(self._folder.path))


def _registered(folder: ModelFolder) -> str:
    """The name under which fastembed knows the folder's model from now on."""
    from fastembed.common.model_description import ModelSource  # noqa: PLC0415  as above
    from fastembed.rerank.cross_encoder import TextCrossEncoder  # noqa: PLC0415  as above

    name = f"kunak-folder/{folder.path}@{folder.fingerprint}"
    if name.lower() not in {each["model"].lower() for each in TextCrossEncoder.list_supported_models()}:
        TextCrossEncoder.add_custom_model(model=name, sources=ModelSource(hf=name), model_file=folder.model_file)
    return name
