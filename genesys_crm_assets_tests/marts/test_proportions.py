"""Two proportions against each other, held against published and hand-computed examples."""

from math import erfc, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_crm_assets.marts.proportions import Difference, Share, difference, holm

Z = 1.959963984540054


def by_hand(before: Share, after: Share) -> tuple[float, float, float | None]:
    """Lower end, upper end and p from the textbook formulae (Newcombe 1998, equations of method 10; pooled z)."""

    def wilson(share: Share) -> tuple[float, float]:
        n, p = share.trials, share.hits / share.trials
        half = Z * sqrt(Z * Z + 4 * n * p * (1 - p))
        return (2 * n * p + Z * Z - half) / (2 * (n + Z * Z)), (2 * n * p + Z * Z + half) / (2 * (n + Z * Z))

    p1, p2 = after.hits / after.trials, before.hits / before.trials
    (low1, high1), (low2, high2) = wilson(after), wilson(before)
    low = p1 - p2 - sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    high = p1 - p2 + sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    pooled = (before.hits + after.hits) / (before.trials + after.trials)
    error = sqrt(pooled * (1 - pooled) * (1 / before.trials + 1 / after.trials))
    return 100 * low, 100 * high, erfc(abs(p1 - p2) / error / sqrt(2)) if error else None


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_the_interval_is_newcombes(first: tuple[int, int], second: tuple[int, int], low: float, high: float):
    """Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10: the first proportion minus the second."""
    found = difference(before=Share(*second), after=Share(*first))
    assert found.low is not None
    assert found.high is not None
    assert (round(found.low / 100, 4), round(found.high / 100, 4)) == (low, high)


def test_a_rise_is_positive_and_the_same_fall_its_mirror():
    rise, fall = difference(Share(20, 200), Share(48, 200)), difference(Share(48, 200), Share(20, 200))
    assert (rise.points, fall.points) == (pytest.approx(14.0), pytest.approx(-14.0))
    assert (rise.low, rise.high) == (pytest.approx(-fall.high), pytest.approx(-fall.low))  # type: ignore[operator]  # both are tested
    assert rise.p_value == pytest.approx(fall.p_value)


def test_the_test_is_two_sided_and_pooled():
    """By hand: pooled 68/400 = 0.17, standard error sqrt(0.17 · 0.83 · 2/200) = 0.037563, z = 0.14/0.037563 = 3.7271, p = 0.000194."""
    assert difference(Share(20, 200), Share(48, 200)).p_value == pytest.approx(0.000194, abs=5e-7)


SHARES = st.integers(1, 400).flatmap(lambda trials: st.integers(0, trials).map(lambda hits: Share(hits, trials)))


@given(SHARES, SHARES)
def test_figures_are_those_of_the_textbook(before: Share, after: Share):
    found = difference(before, after)
    low, high, p_value = by_hand(before, after)
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)
    assert found.p_value == pytest.approx(p_value, abs=1e-12)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Share(0, 0), Share(3, 10), Difference()),
        (Share(3, 10), Share(0, 0), Difference()),
    ],
)
def test_without_trials_nothing_is_said(before: Share, after: Share, expected: Difference):
    assert difference(before, after) == expected


@pytest.mark.parametrize(("before", "after"), [(Share(0, 100), Share(0, 120)), (Share(100, 100), Share(120, 120))])
def test_of_shares_that_are_both_nought_or_both_whole_there_is_an_interval_and_no_p(before: Share, after: Share):
    """Newcombe's interval exists there (§6.8); the pooled test divides by nought."""
    found = difference(before, after)
    assert (found.points, found.p_value) == (0.0, None)
    assert (found.low, found.high) == tuple(pytest.approx(end, abs=0.01) for end in ((-3.70, 3.10) if not before.hits else (-3.10, 3.70)))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.02, 0.01, 0.02], [0.04, 0.03, 0.04]),
        ([0.5, 0.9], [1.0, 1.0]),
        ([0.04], [0.04]),
        ([0.01, None, 0.04], [0.02, None, 0.04]),
        ([None, None], [None, None]),
        ([], []),
    ],
)
def test_holm_is_worked_by_hand(told: list[float | None], expected: list[float | None]):
    """The least times their number, the next times one less, and none less than the one before; what is not tested does not count."""
    assert holm(told) == [None if one is None else pytest.approx(one) for one in expected]
