"""A model in our own process, through fastembed: ONNX on the CPU, no PyTorch. It comes with the extra `local`.

fastembed, as it is the lightest that runs both embedders and cross-encoders (180 MB installed; sentence-transformers
brings PyTorch, a gigabyte and more; model2vec is lighter still, but knows static models only). It takes a second and
80 MB to import, so it is imported where a model is loaded, in the model's thread.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, TypeVar

from kunak.foundation.errors import InvalidInputError, KunakError
from kunak.integrations.model_endpoint.errors import ModelUnavailableError, ModelUnusableError

Model = TypeVar("Model")
Result = TypeVar("Result")

_PLACES = ("model.onnx", "onnx/model.onnx", "model_optimized.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
_MEGABYTE = 1024 * 1024


def require_extra() -> None:
    """
    Raises:
        InvalidInputError: the extra is not installed; the message says how to.
    """
    if find_spec("fastembed") is None:
        raise InvalidInputError(
            "A model in our own process needs more than is installed: pip install 'kunak[local]' (in a checkout: "
            "make local)."
        )


class ModelThread(Generic[Model]):
    """A model with a thread of its own: loaded there once, when first needed, and used there only.

    Work waits in line, so give it in small pieces: a question then waits for one piece, not for a whole import.
    """

    def __init__(self, name: str, load: Callable[[], Model]) -> None:
        self._name = name
        self._load = load
        self._model: Model | None = None
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kunak-model")

    async def run(self, work: Callable[[Model], Result]) -> Result:
        """What `work` makes of the model. Cancelled, it leaves the line, or ends unheard.

        Raises:
            ModelUnusableError: the model cannot be loaded, or fails.
            ModelUnavailableError: it could not be fetched just now.
        """
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._work, work)

    def close(self) -> None:
        """Ends the thread after the piece it is at; nobody waits for it."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _work(self, work: Callable[[Model], Result]) -> Result:
        if self._model is None:
            self._model = self._loaded()
        try:
            return work(self._model)
        except KunakError:
            raise
        except Exception as error:  # the runtime raises errors of many kinds
            raise ModelUnusableError(f"The local model {self._name} fails: {error}") from error

    def _loaded(self) -> Model:
        try:
            return self._load()
        except KunakError:
            raise
        except Exception as error:  # as above
            if "from any source" in str(error):  # fastembed, after tries of its own
                raise ModelUnavailableError(f"The local model {self._name} could not be downloaded.") from error
            raise ModelUnusableError(f"The local model {self._name} could not be loaded: {error}") from error


@dataclass(frozen=True)
class ModelFolder:
    """A folder as the hubs have them: an ONNX file, `tokenizer.json` and `tokenizer_config.json`, and settings."""

    path: Path

    @property
    def model_file(self) -> str:
        """
        Raises:
            InvalidInputError: there is none in the folder.
        """
        for place in _PLACES:
            if (self.path / place).is_file():
                return place
        raise InvalidInputError(f"There is no model in {self.path}: none of {', '.join(_PLACES)}.")

    @property
    def dimensions(self) -> int | None:
        """How long its vectors are, if `config.json` says so."""
        size = self._json("config.json").get("hidden_size")
        return size if isinstance(size, int) else None

    @property
    def pooling(self) -> str:
        """How the vectors of tokens become one, after sentence-transformers' settings: CLS, LAST_TOKEN or MEAN."""
        settings = self._json("1_Pooling/config.json")
        if settings.get("pooling_mode_cls_token") or settings.get("pooling_mode") == "cls":
            return "CLS"
        if settings.get("pooling_mode_lasttoken") or settings.get("pooling_mode") == "lasttoken":
            return "LAST_TOKEN"
        return "MEAN"

    @cached_property
    def fingerprint(self) -> str:
        """Another one when the model in the folder is replaced. Of large files the ends and the size are looked at."""
        digest = hashlib.sha256(self.pooling.encode())
        for name in (self.model_file, f"{self.model_file}_data", "tokenizer.json"):
            if (self.path / name).is_file():
                digest.update(_ends(self.path / name))
        return digest.hexdigest()[:8]

    def _json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            content = json.loads(path.read_text()) if path.is_file() else {}
        except ValueError as error:
            raise InvalidInputError(f"{path} is not JSON.") from error
        return content if isinstance(content, dict) else {}


def _ends(path: Path) -> bytes:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_MEGABYTE)
        file.seek(max(size - _MEGABYTE, 0))
        return b"%d" % size + head + file.read(_MEGABYTE)


def folder_of(model: str) -> ModelFolder | None:
    """The folder that `model` names; None where it is the name of a model to be fetched."""
    path = Path(model).expanduser()
    if path.is_dir():
        folder = ModelFolder(path.absolute())
        _ = folder.model_file
        return folder
    if path.is_absolute() or model.startswith((".", "~")):
        raise InvalidInputError(f"There is no folder {path}.")
    return None
