"""What the settings say about embedders and rerankers is opened; what does not go together is said at the start."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.integrations.local_extra import needs_local_extra

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.embeddings.fake import FakeEmbeddings
from kunak.integrations.reranking.fake import FakeReranker
from kunak.processes.configuration import load_settings
from kunak.processes.equipment import open_embedder, open_reranker


async def test_none_is_a_normal_state() -> None:
    async with open_embedder(load_settings()) as embedder, open_reranker(load_settings()) as reranker:
        assert (embedder, reranker) == (None, None)


async def test_servers_are_asked_as_the_settings_say() -> None:
    async with FakeEmbeddings(key="sk-alice") as vectors, FakeReranker(key="sk-bob") as ranks:
        settings = load_settings(
            embeddings_url=vectors.base,
            embeddings_key=SecretStr("sk-alice"),
            embeddings_model="tiny",
            embeddings_dimensions=16,
            embeddings_query_prefix="query: ",
            rerank_url=ranks.base,
            rerank_key=SecretStr("sk-bob"),
            rerank_style="tei",
        )
        async with open_embedder(settings) as embedder, open_reranker(settings) as reranker:
            assert embedder is not None
            assert reranker is not None
            assert len(await embedder.embed_query("flat")) == 16
            assert vectors.texts == ["query: flat"]
            assert await reranker.rerank("flat", ["snow"]) != []


@needs_local_extra
async def test_models_of_our_own_process_are_opened(tmp_path: Path) -> None:
    from tests.integrations.tiny_models import write_cross_encoder, write_embedder  # noqa: PLC0415  needs the extra

    settings = load_settings(
        data_dir=tmp_path,
        embeddings_local=str(write_embedder(tmp_path / "words")),
        rerank_local=str(write_cross_encoder(tmp_path / "pairs")),
    )
    async with open_embedder(settings) as embedder, open_reranker(settings) as reranker:
        assert embedder is not None
        assert reranker is not None
        assert len(await embedder.embed_query("flat")) == 48
        assert len(await reranker.rerank("flat", ["a flat", "snow"])) == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"embeddings_url": "http://m.example/v1"}, "KUNAK_EMBEDDINGS_MODEL must say"),
        ({"embeddings_model": "tiny"}, "KUNAK_EMBEDDINGS_MODEL is set without KUNAK_EMBEDDINGS_URL"),
        ({"embeddings_url": "http://m.example/v1", "embeddings_local": "a/b"}, "both set"),
        ({"embeddings_url": "m.example", "embeddings_model": "tiny"}, "KUNAK_EMBEDDINGS_URL.*begins with http"),
        (
            {"embeddings_url": "http://m.example", "embeddings_model": "x", "embeddings_key": SecretStr("sk-a\nb")},
            "KUNAK_EMBEDDINGS_KEY.*characters",
        ),
        ({"embeddings_local": "/gone/model"}, "KUNAK_EMBEDDINGS_LOCAL: "),
    ],
)
async def test_what_does_not_go_together_is_said_at_the_start(given: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as refused:
        async with open_embedder(load_settings(**given)):
            pass
    assert "sk-a" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"rerank_url": "http://m.example"}, "KUNAK_RERANK_MODEL must say"),
        ({"rerank_model": "tiny"}, "KUNAK_RERANK_MODEL is set without KUNAK_RERANK_URL"),
        ({"rerank_url": "http://m.example", "rerank_local": "a/b"}, "both set"),
        ({"rerank_local": "./gone"}, "KUNAK_RERANK_LOCAL: "),
    ],
)
async def test_so_it_is_for_rerankers(given: dict[str, object], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        async with open_reranker(load_settings(**given)):
            pass
