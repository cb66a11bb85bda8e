"""What every embedder promises: the same cases on a server and on a model in our own process."""

import math
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kunak.integrations.embeddings.fake import FakeEmbeddings
from kunak.integrations.embeddings.interface import Embedder, Vector
from kunak.integrations.embeddings.local import LocalEmbedder
from kunak.integrations.embeddings.openai_compatible import OpenAICompatibleEmbedder
from kunak.integrations.embeddings.options import EmbeddingOptions
from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.model_endpoint.errors import TextRefusedError
from tests.integrations.local_extra import needs_local_extra

FLAT, BICYCLE, SNOW = "Сдаётся квартира в центре", "Продам горный велосипед", "Ночью выпал первый снег"


@pytest.fixture(params=["server", pytest.param("local", marks=needs_local_extra)])
async def embedder(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Embedder]:
    async with FakeEmbeddings() as server:
        chosen: Embedder
        if request.param == "local":
            from tests.integrations.tiny_models import write_embedder  # noqa: PLC0415  needs the extra

            options = EmbeddingOptions(text_characters=300)
            chosen = LocalEmbedder(str(write_embedder(tmp_path / "tiny")), cache=tmp_path, options=options)
        else:
            endpoint = JsonEndpoint(f"{server.base}/embeddings")
            chosen = OpenAICompatibleEmbedder(endpoint, "tiny", EmbeddingOptions(text_characters=300))
        yield chosen
        await chosen.close()


def closeness(one: Vector, other: Vector) -> float:
    return math.sumprod(one, other) if hasattr(math, "sumprod") else sum(a * b for a, b in zip(one, other, strict=True))


async def test_vectors_come_in_order_and_have_length_one(embedder: Embedder) -> None:
    vectors = await embedder.embed_passages([FLAT, BICYCLE, SNOW])
    alone = [(await embedder.embed_passages([text]))[0] for text in (FLAT, BICYCLE, SNOW)]
    assert [closeness(*pair) for pair in zip(vectors, alone, strict=True)] == pytest.approx([1.0] * 3, abs=1e-5)
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1.0] * 3, abs=1e-5)
    assert len({len(vector) for vector in vectors}) == 1


async def test_a_question_is_near_to_what_it_asks_for(embedder: Embedder) -> None:
    asked = await embedder.embed_query("квартира в центре")
    near, *far = [closeness(asked, vector) for vector in await embedder.embed_passages([FLAT, BICYCLE, SNOW])]
    assert near > max(far) + 0.2


async def test_many_texts_keep_their_order(embedder: Embedder) -> None:
    texts = [FLAT, BICYCLE, SNOW] * 40
    vectors = await embedder.embed_passages(texts)
    assert len(vectors) == 120
    assert all(closeness(vectors[n], vectors[n % 3]) > 0.999 for n in range(120))


async def test_no_texts_no_vectors(embedder: Embedder) -> None:
    assert await embedder.embed_passages([]) == []


async def test_of_a_long_text_its_beginning_counts(embedder: Embedder) -> None:
    begun, cut = await embedder.embed_passages([FLAT + " " * 300, FLAT + " " * 300 + SNOW * 10_000])
    assert closeness(begun, cut) == pytest.approx(1.0, abs=1e-5)


async def test_half_a_character_does_no_harm(embedder: Embedder) -> None:
    [vector] = await embedder.embed_passages([FLAT + " \ud83d"])
    assert math.hypot(*vector) == pytest.approx(1.0, abs=1e-5)


async def test_a_blank_text_is_named(embedder: Embedder) -> None:
    with pytest.raises(TextRefusedError, match="Text 1 is blank") as refused:
        await embedder.embed_passages([FLAT, " \n", SNOW])
    assert refused.value.position == 1
