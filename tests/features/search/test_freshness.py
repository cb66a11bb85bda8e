"""What is new comes earlier when that is asked for, and nothing changes when it is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kunak.features.search.freshness import Freshness, freshest_first, freshness_of
from kunak.features.search.schemas import Hit

NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)
HIT = Hit("document", 1, 0, "1", "", "Мост.", None, None, 10.0, 1.0)


def hits(*ages: tuple[float, float | None]) -> list[Hit]:
    """A hit for each score and age in days."""
    return [
        replace(HIT, thing_id=n, score=score, published_at=None if days is None else NOW - timedelta(days=days))
        for n, (score, days) in enumerate(ages, start=1)
    ]


def order(freshness: Freshness, *ages: tuple[float, float | None]) -> list[int]:
    return [hit.thing_id for hit in freshest_first(hits(*ages), freshness, NOW)]


@pytest.mark.parametrize(
    "question", ["Какая сейчас ключевая ставка?", "Последние новости моста", "Is the road open now?", "Свежие цены"]
)
def test_a_question_for_what_is_so_now_prefers_the_new(question: str) -> None:
    assert freshness_of(question) is Freshness.MILD


@pytest.mark.parametrize(
    "question",
    ["Кто построил рынок?", "Когда кончился последний ледник?", "Когда основан город?", "Who wrote the poem?", ""],
)
def test_other_questions_do_not_age(question: str) -> None:
    assert freshness_of(question) is Freshness.NONE
    assert order(Freshness.NONE, (9, 900), (9, 1), (5, None)) == [1, 2, 3]


def test_of_two_that_fit_alike_the_newer_comes_first_but_a_better_one_stays_ahead() -> None:
    assert order(Freshness.MILD, (10, 300), (9.5, 1)) == [2, 1]
    assert order(Freshness.MILD, (10, 300), (6, 1)) == [1, 2]


def test_offers_age_faster() -> None:
    assert order(Freshness.STRONG, (10, 60), (6, 1)) == [2, 1]


def test_no_date_and_one_in_the_future_are_no_merit() -> None:
    assert order(Freshness.MILD, (10, None), (10, -30), (10, 1)) == [3, 1, 2]
    assert Freshness.MILD.factor(timedelta(days=10**6)) == pytest.approx(Freshness.MILD.factor(None))
