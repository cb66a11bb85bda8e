"""Texts are cut where a reader would cut them, and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kunak.features.search.fold import fold
from kunak.features.search.split import PASSAGE_LENGTH, split_passages, split_sentences


def test_a_short_text_is_one_passage() -> None:
    assert split_passages("  Алиса пришла.\n\nБоб ушёл. ") == ["Алиса пришла.\n\nБоб ушёл."]


def test_a_long_text_is_cut_between_paragraphs_into_even_parts() -> None:
    paragraphs = [f"{letter * 80} слово. " * 3 for letter in "абвгде"]
    passages = split_passages("\n\n".join(paragraphs))
    assert [passage.count("слово") for passage in passages] == [9, 9]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Алиса пришла. Боб ушёл! А Чарли?", ["Алиса пришла.", "Боб ушёл!", "А Чарли?"]),
        ("В 1890 г. Боб родился. Он жил на ул. Садовой.", ["В 1890 г. Боб родился.", "Он жил на ул. Садовой."]),
        ("Книгу написал А. С. Дадиани. Она о море.", ["Книгу написал А. С. Дадиани.", "Она о море."]),
        ("Dr. Bob is in. «Правда?» Да.", ["Dr. Bob is in.", "«Правда?»", "Да."]),
        ("строка\nдругая", ["строка", "другая"]),
        ("цена 3.50 и т. д.", ["цена 3.50 и т. д."]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.text(alphabet="аб вГ.!?\n«»1 ", max_size=4 * PASSAGE_LENGTH))
def test_no_passage_is_too_long_and_none_loses_a_letter(text: str) -> None:
    passages = split_passages(text)
    assert max(map(len, passages)) <= PASSAGE_LENGTH
    assert "".join("".join(passages).split()) == "".join(text.split())


@given(st.text())
def test_folding_twice_is_folding_once_and_can_be_stored(text: str) -> None:
    once = fold(text)
    assert "\0" not in once
    assert fold(once) == once
