"""The embeddings of tests are of some use, or of none, as wished."""

import pytest

from kunak.integrations.embeddings.hashing import closeness, random_vector, stem_vector

FLAT, FLATS, SNOW = "сдаётся квартира в центре", "Аренда квартиры, центр", "ночью выпал снег"


def test_texts_that_share_stems_are_near() -> None:
    asked, near, far = (stem_vector(text, 256) for text in (FLATS, FLAT, SNOW))
    assert closeness(asked, near) > closeness(asked, far) + 0.3


def test_random_vectors_know_nothing_of_the_texts() -> None:
    pairs = [closeness(random_vector(f"квартира {n}", 256), random_vector(f"квартира {n + 1}", 256)) for n in range(50)]
    assert sum(pairs) / len(pairs) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("text", [FLAT, "", "🙂", "!?"])
def test_every_text_has_a_vector_and_always_the_same(text: str) -> None:
    assert any(stem_vector(text, 64))
    assert stem_vector(text, 64) == stem_vector(text, 64)
    assert random_vector(text, 64) == random_vector(text, 64)
