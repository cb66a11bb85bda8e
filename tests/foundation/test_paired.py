"""Comparison in pairs, on figures that can be counted by hand."""

import pytest

from kunak.foundation.paired import compare_pairs


def test_nothing_differs() -> None:
    same = compare_pairs([1, 0, 1], [1, 0, 1])
    assert (same.pairs, same.mean, same.low, same.high, same.luck) == (3, 0, 0, 0, 1)


def test_without_pairs_nothing_is_known() -> None:
    nothing = compare_pairs([], [])
    assert (nothing.pairs, nothing.mean, nothing.luck) == (0, 0, 1)


@pytest.mark.parametrize(("lost", "won", "luck"), [(4, 0, 1 / 16), (5, 0, 1 / 32), (6, 1, 8 / 128), (1, 0, 1 / 2)])
def test_scores_of_0_and_1_are_held_to_the_sign_test(lost: int, won: int, luck: float) -> None:
    before = [1.0] * lost + [0.0] * won + [1.0] * 20
    after = [0.0] * lost + [1.0] * won + [1.0] * 20
    difference = compare_pairs(before, after)
    assert difference.luck == pytest.approx(luck)
    assert difference.mean == pytest.approx((won - lost) / (20 + lost + won))


def test_the_interval_is_that_of_the_normal_distribution_where_that_is_near() -> None:
    difference = compare_pairs([1.0] * 1000, [0.0] * 100 + [1.0] * 900)
    spread = 1.96 * (0.1 * 0.9 / 1000) ** 0.5
    assert difference.low == pytest.approx(-0.1 - spread, abs=0.003)
    assert difference.high == pytest.approx(-0.1 + spread, abs=0.003)
    assert difference.luck < 0.001


def test_a_gain_is_no_loss() -> None:
    difference = compare_pairs([0.0] * 30, [0.5] * 30)
    assert (difference.mean, difference.luck) == (0.5, 1)


def test_sizes_count_and_not_only_signs() -> None:
    many_small_gains = [0.01] * 20
    difference = compare_pairs([1.0] * 8 + [0.5] * 20, [0.0] * 8 + [0.5 + each for each in many_small_gains])
    assert difference.mean < 0
    assert difference.luck < 0.05


def test_the_same_figures_lead_to_the_same_verdict() -> None:
    before, after = [each % 3 / 2 for each in range(200)], [each % 5 / 4 for each in range(200)]
    assert compare_pairs(before, after) == compare_pairs(before, after)


def test_what_is_not_in_pairs_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare_pairs([1], [])
