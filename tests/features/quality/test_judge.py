"""An answer is right or wrong, and what it cites bears it out or does not."""

import pytest

from kunak.features.quality.fold import fold_text, stands_in
from kunak.features.quality.judge import is_right, is_right_at_once, measure_support
from kunak.features.quality.schemas import Cited, Expected, Given

TEXTS = {
    "bridge": ["Мост открыли в 1998 году. Длина моста – 1 250 метров, строили его семь лет."],
    "market": ["Рынок работает по субботам.", "Мёд продают до обеда."],
}
NOTHING = Given("", (), refused=True)


def quotes(*cited: tuple[str, str]) -> Given:
    citations = tuple(Cited(*each) for each in cited)
    return Given("\n\n".join(each.quote for each in citations), citations)


BOTH = quotes(("market", "Мёд продают до обеда."), ("bridge", "Длина моста – 1 250 метров"))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Ёлка", "елка"),
        ("«Вести»  “Села”", "вести села"),
        ("1 250 и 1,250 и 1250", "1250 и 1250 и 1250"),
        ("3,5 — 4.5", "3.5-4.5"),
        ("12 345 678", "12345678"),
        ("1,25", "1.25"),
    ],
)
def test_one_spelling(written: str, folded: str) -> None:
    assert fold_text(written) == folded


@pytest.mark.parametrize(
    ("answer", "text", "stands"),
    [
        ("24", "в 1924 году", False),
        ("24", "24.5 метра", False),
        ("5", "24,5 метра", False),
        ("24", "Их было 24.", True),
        ("1 250", "длина 1250 м", True),
        ("Пётр", "ПЕТР I", True),
        ("", "что угодно", False),
        ("C++ (11)", "на c++ (11) пишут", True),
    ],
)
def test_an_answer_stands_as_whole_words(answer: str, text: str, *, stands: bool) -> None:
    assert stands_in(answer, text) is stands


@pytest.mark.parametrize(
    ("expected", "given", "right", "at_once"),
    [
        (Expected(("bridge", "other")), BOTH, True, False),
        (Expected(("market",)), BOTH, True, True),
        (Expected(("other",)), BOTH, False, False),
        (Expected(answers=("1250", "тысяча")), BOTH, True, False),
        (Expected(("market",), ("1250",)), BOTH, True, False),
        (Expected(("bridge",), ("семь лет",)), BOTH, False, False),
        (Expected(("bridge",)), NOTHING, False, False),
        (Expected(("twin",)), Given("", (Cited("market", "", also=("twin",)),)), True, True),
        (Expected(unanswerable=True), NOTHING, True, None),
        (Expected(unanswerable=True), BOTH, False, None),
    ],
)
def test_all_that_is_expected_must_hold(expected: Expected, given: Given, right: bool, at_once: bool | None) -> None:
    assert is_right(expected, given) is right
    assert is_right_at_once(expected, given) is at_once


@pytest.mark.parametrize(
    ("given", "support"),
    [
        (BOTH, 1),
        (quotes(("market", "Рынок работает…")), 1),
        (quotes(("market", "Рынок работает по пятницам.")), 0),
        (quotes(("bridge", "Рынок работает по субботам."), ("market", "Мёд продают до обеда.")), 0.5),
        (quotes(("gone", "Рынок работает по субботам.")), 0),
        (quotes(("market", "…")), 0),
        (NOTHING, None),
        (Given("", ()), None),
    ],
)
def test_quotes_stand_letter_for_letter_in_what_they_cite(given: Given, support: float | None) -> None:
    assert measure_support(given, TEXTS) == support


@pytest.mark.parametrize(
    ("said", "support"),
    [
        ("Мост открыли в 1998 году [1].", 1),
        ("Вот что известно. Мост открыли в 1998 году. [1]", 1),
        ("Мост открыли в 1989 году [1].", 0),
        ("Мост открыли в 1998 году.", 0),
        ("Мост открыли в 1998 году [2].", 0),
        ("Мост открыли в 1998 году [7].", 0),
        ("Длина моста 1250 метров [1]. Губернатор наградил строителей орденами [1].", 0.5),
        ("Мост построен в 1998 году, а на рынке по субботам продают мёд [1][2].", 1),
    ],
)
def test_each_sentence_of_a_model_is_held_against_what_it_cites(said: str, support: float) -> None:
    given = Given(said, (Cited("bridge", ""), Cited("market", "")), is_generated=True)
    assert measure_support(given, TEXTS) == support
