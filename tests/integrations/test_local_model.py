"""A model in our own process: found, loaded once, off the event loop; and what is said when it is not there."""

import asyncio
import threading
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from kunak.foundation.errors import InvalidInputError
from kunak.integrations import local_model
from kunak.integrations.embeddings.local import LocalEmbedder
from kunak.integrations.embeddings.options import EmbeddingOptions
from kunak.integrations.local_model import ModelFolder, ModelThread, folder_of
from kunak.integrations.model_endpoint.errors import ModelUnavailableError, ModelUnusableError, TextRefusedError
from kunak.integrations.reranking.local import LocalReranker
from tests.integrations.local_extra import needs_local_extra


def folder_with(path: Path, **files: str) -> Path:
    path.mkdir(parents=True)
    for name, content in files.items():
        (path / name.replace("__", ".")).write_text(content)
    return path


@pytest.mark.parametrize("kind", [LocalEmbedder, LocalReranker])
def test_without_the_extra_it_is_said_how_to_install_it(
    kind: type[LocalEmbedder | LocalReranker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_nothing(_: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(local_model, "find_spec", find_nothing)
    with pytest.raises(InvalidInputError, match=r"pip install 'kunak\[local\]'"):
        kind("some/model", cache=tmp_path)


async def test_it_is_loaded_once_in_a_thread_of_its_own() -> None:
    loaded: list[str] = []

    def load() -> int:
        loaded.append(threading.current_thread().name)
        return 20

    thread = ModelThread("tiny", load)
    results = await asyncio.gather(*(thread.run(lambda model, n=n: model + n) for n in range(3)))  # type: ignore[misc]  # mypy cannot type a lambda's default
    assert results == [20, 21, 22]
    assert loaded == ["kunak-model_0"]
    thread.close()


async def test_a_question_cancelled_in_line_is_not_worked_on() -> None:
    gate, worked = threading.Event(), []
    thread = ModelThread("tiny", lambda: None)
    ahead = asyncio.create_task(thread.run(lambda _: gate.wait()))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(thread.run(lambda _: worked.append("too late")))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    await ahead
    assert await thread.run(lambda _: list(worked)) == []
    thread.close()


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (ValueError("Could not load model x from any source."), ModelUnavailableError),
        (ValueError("Model x is not supported"), ModelUnusableError),
        (OSError("disk"), ModelUnusableError),
        (TextRefusedError("said clearly before"), TextRefusedError),
    ],
)
async def test_what_fails_while_loading_has_its_kind(failure: Exception, error: type[Exception]) -> None:
    def load() -> None:
        raise failure

    thread = ModelThread("tiny", load)
    with pytest.raises(error):
        await thread.run(lambda _: None)
    thread.close()


async def test_what_fails_at_work_is_a_model_that_fails() -> None:
    thread = ModelThread("tiny", lambda: 0)
    with pytest.raises(ModelUnusableError, match="tiny fails"):
        await thread.run(lambda model: 1 / model)
    thread.close()


def test_a_name_is_no_folder_and_a_missing_folder_is_said(tmp_path: Path) -> None:
    assert folder_of("intfloat/multilingual-e5-large") is None
    with pytest.raises(InvalidInputError, match="no folder"):
        folder_of(str(tmp_path / "gone"))
    with pytest.raises(InvalidInputError, match="no model in"):
        folder_of(str(tmp_path))


@pytest.mark.parametrize(
    ("settings", "pooling"),
    [
        ('{"pooling_mode_cls_token": true}', "CLS"),
        ('{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false}', "MEAN"),
        ('{"pooling_mode": "lasttoken"}', "LAST_TOKEN"),
        ("{}", "MEAN"),
    ],
)
def test_how_tokens_are_pooled_is_read_from_the_folder(tmp_path: Path, settings: str, pooling: str) -> None:
    folder_with(tmp_path / "model" / "1_Pooling", config__json=settings)
    assert ModelFolder(tmp_path / "model").pooling == pooling


def test_another_model_in_the_folder_has_another_fingerprint(tmp_path: Path) -> None:
    prints = {
        ModelFolder(folder_with(tmp_path / name, model__onnx=model, tokenizer__json=words)).fingerprint
        for name, model, words in [("a", "one", "w"), ("b", "two", "w"), ("c", "one", "v"), ("d", "one", "w")]
    }
    assert len(prints) == 3


@needs_local_extra
async def test_a_broken_model_is_said_and_loaded_no_more_than_asked(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "model", model__onnx="not a model", tokenizer__json="{}", config__json="{}")
    embedder = LocalEmbedder(str(folder), cache=tmp_path)
    with pytest.raises(ModelUnusableError, match="could not be loaded"):
        await embedder.warm_up()
    await embedder.close()


@needs_local_extra
async def test_an_unknown_name_is_said(tmp_path: Path) -> None:
    reranker = LocalReranker("nobody/nothing", cache=tmp_path)
    with pytest.raises(ModelUnusableError, match="nobody/nothing"):
        await reranker.warm_up()
    await reranker.close()


@needs_local_extra
async def test_two_instances_of_one_folder_live_side_by_side(tmp_path: Path) -> None:
    from tests.integrations.tiny_models import write_embedder  # noqa: PLC0415  needs the extra

    folder = str(write_embedder(tmp_path / "tiny"))
    first = LocalEmbedder(folder, cache=tmp_path)
    second = LocalEmbedder(folder, cache=tmp_path, options=EmbeddingOptions(query_prefix="query: "))
    await first.warm_up()
    assert len(await second.embed_query("flat")) == len(await first.embed_query("flat"))
    assert first.model.startswith("local/tiny@")
    assert first.model != second.model
    await first.close()
    await second.close()


@needs_local_extra
def test_dimensions_are_the_models_own(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="KUNAK_EMBEDDINGS_DIMENSIONS"):
        LocalEmbedder("some/model", cache=tmp_path, options=EmbeddingOptions(dimensions=64))
