"""What every reranker promises: the same cases on a server of each style and on a model in our own process."""

from collections.abc import AsyncIterator
from math import isfinite
from pathlib import Path

import pytest

from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.reranking.endpoint import EndpointReranker
from kunak.integrations.reranking.fake import FakeReranker
from kunak.integrations.reranking.interface import Reranker
from kunak.integrations.reranking.local import LocalReranker
from kunak.integrations.reranking.styles import RerankStyle, address
from tests.integrations.local_extra import needs_local_extra

FLAT, BICYCLE, SNOW = "Сдаётся квартира в центре", "Продам горный велосипед", "Ночью выпал первый снег"


@pytest.fixture(params=[*RerankStyle, pytest.param("local", marks=needs_local_extra)])
async def reranker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reranker]:
    async with FakeReranker() as server:
        chosen: Reranker
        if request.param == "local":
            from tests.integrations.tiny_models import write_cross_encoder  # noqa: PLC0415  needs the extra

            folder = write_cross_encoder(tmp_path / "tiny")
            chosen = LocalReranker(str(folder), cache=tmp_path, text_characters=300)
        else:
            endpoint = JsonEndpoint(address(server.base, request.param))
            chosen = EndpointReranker(endpoint, "tiny", request.param, text_characters=300)
        yield chosen
        await chosen.close()


async def test_the_best_text_scores_highest_and_scores_keep_the_order(reranker: Reranker) -> None:
    scores = await reranker.rerank("квартира в центре", [SNOW, BICYCLE, FLAT])
    assert len(scores) == 3
    assert scores[2] > max(scores[:2]) + 0.2
    assert all(isfinite(score) for score in scores)


async def test_many_texts_are_all_scored(reranker: Reranker) -> None:
    scores = await reranker.rerank("снег", [FLAT, SNOW] * 45)
    assert len(scores) == 90
    assert min(scores[1::2]) > max(scores[::2])


async def test_no_texts_no_scores(reranker: Reranker) -> None:
    assert await reranker.rerank("снег", []) == []


async def test_of_a_long_text_its_beginning_counts(reranker: Reranker) -> None:
    begun, cut = await reranker.rerank("квартира", [FLAT + " " * 300, FLAT + " " * 300 + SNOW * 10_000])
    assert begun == pytest.approx(cut, abs=1e-5)


async def test_half_a_character_does_no_harm(reranker: Reranker) -> None:
    assert len(await reranker.rerank("снег \ud83d", [SNOW + "\ud83d"])) == 1
