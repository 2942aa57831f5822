"""Crosswalk: U and shares by hand on the 12-row table, AMI against scikit-learn's, entropies against scipy's (A4)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import entropy
from sklearn.metrics import adjusted_mutual_info_score, homogeneity_score

from koudai.audit.frame import ALL
from koudai.audit.inputs.others import NOTHING, Other
from koudai.audit.intervals import wilson
from koudai.audit.measures.crosswalk import MOST_SETS, adjusted, contingency, crosswalk, paired_interval, uncertainty
from tests.audit.table import OTHERS, ROWS, figures, one, table

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=40).map(
    lambda rows: np.array(rows, dtype=np.int64)
)
quick = settings(derandomize=True, deadline=None, max_examples=80)


def test_A4_rumour_by_hand() -> None:
    """Eleven rows are labelled by b, 5 fake and 6 real. Of four alleged rumours 3 are fake, of the other seven 2."""
    b = [5 / 11, 6 / 11]
    within = 4 / 11 * entropy([3 / 4, 1 / 4]) + 7 / 11 * entropy([2 / 7, 5 / 7])
    figure = one(crosswalk(table()), "rumour", "b", "u")
    assert (figure.value, figure.n) == (pytest.approx(1 - within / entropy(b)), 11)
    counted = [(OTHERS[i], "rumour" in ROWS[i][1]) for i in range(12) if OTHERS[i]]
    assert (counted.count(("fake", True)), counted.count(("fake", False)), len(counted)) == (3, 2, 11)


def test_A4_A2_shares_by_hand() -> None:
    frame = crosswalk(table())
    fake = one(frame, "rumour", "b: fake", "given")
    assert (fake.value, fake.n) == (3 / 4, 4)
    assert (fake.low, fake.high) == wilson(3, 4)[1:]
    assert one(frame, "rumour", "b: real", "given").value == 1 / 4
    matched = one(frame, ALL, "b", "matched")
    assert (matched.value, matched.n) == (11 / 12, 12)


def test_A4_all_tags_together_are_sets_of_the_most_specific_ones() -> None:
    """R; R+N; R+A; R; A; A+N; N; nothing twice (row 8 is not labelled by b); abstained three times."""
    a = ["r", "rn", "ra", "r", "a", "an", "n", "none", "abstained", "abstained", "abstained"]
    b = [label for label in OTHERS if label]
    frame = crosswalk(table())
    assert one(frame, ALL, "b", "ami").value == pytest.approx(adjusted_mutual_info_score(b, a), abs=1e-12)
    assert one(frame, ALL, "b", "u").value == pytest.approx(homogeneity_score(b, a), abs=1e-12)


@quick
@every(PAIRS)
def test_A4_ami_and_u_are_scikit_learns(pairs: NDArray[np.int64]) -> None:
    a, b = pairs.T
    cells = contingency(a, b)
    assert cells.sum() == len(pairs)
    if min(len(set(a)), len(set(b))) < 2 or cells.max() == 1 == cells.sum(axis=0).max() == cells.sum(axis=1).max():
        assert math.isnan(adjusted(cells))  # one value alone, or every post its own: chance cannot be told apart
    else:
        assert adjusted(cells) == pytest.approx(adjusted_mutual_info_score(a, b), abs=1e-10)
    if len(set(b)) < 2:
        assert math.isnan(uncertainty(cells))
    else:  # homogeneity of clusters a with respect to classes b is 1 − H(b|a)/H(b)
        assert uncertainty(cells) == pytest.approx(homogeneity_score(b, a), abs=1e-10)


@quick
@every(PAIRS, st.permutations(range(4)), st.permutations(range(5)))
def test_A5_names_and_copies_leave_u(pairs: NDArray[np.int64], rows: list[int], columns: list[int]) -> None:
    a, b = pairs.T
    expected = uncertainty(contingency(a, b))
    renamed = uncertainty(contingency(np.array(rows)[a], np.array(columns)[b]))
    twice = uncertainty(contingency(np.tile(a, 2), np.tile(b, 2)))
    assert (renamed, twice) == (pytest.approx(expected, nan_ok=True), pytest.approx(expected, nan_ok=True))


def test_the_same_cut_is_1_and_an_independent_one_about_0() -> None:
    random = np.random.default_rng(3)
    a = random.integers(0, 4, 5000)
    assert uncertainty(contingency(a, a)) == pytest.approx(1)
    assert adjusted(contingency(a, 3 - a)) == pytest.approx(1)
    b = random.integers(0, 4, 5000)
    assert uncertainty(contingency(a, b)) < 0.01
    assert abs(adjusted(contingency(a, b))) < 0.01


def test_A1_nothing_matched_or_one_label_alone_has_no_value() -> None:
    for rows in ((), (8,), (0, 1)):
        frame = crosswalk(table(order=rows))
        assert all(figure.value is None for figure in figures(frame, statistic="u"))
        assert all(figure.value is None for figure in figures(frame, statistic="ami"))
    assert one(crosswalk(table(order=(8,))), ALL, "b", "matched").value == 0.0


def test_several_labels_count_each_and_together() -> None:
    marked = np.zeros((12, 2), dtype=bool)
    marked[:3] = [[True, True], [True, False], [False, False]]
    other = Other("two", ("x", "y"), marked, np.array([True] * 3 + [False] * 9))
    frame = crosswalk(table(others=(other,)))
    found = {figure.group: figure.value for figure in figures(frame, category="rumour", statistic="given")}
    assert found == {"two: x": 2 / 3, "two: y": 1 / 3, f"two: {NOTHING}": 1 / 3}
    assert one(frame, ALL, "two", "u").n == 3


def test_sets_beyond_the_most_frequent_count_as_one() -> None:
    n = MOST_SETS + 30
    random = np.random.default_rng(0)
    marked = random.random((400, 8)) < 0.5
    assert len(np.unique(marked, axis=0)) > n
    other = Other("many", tuple("abcdefgh"), marked, np.ones(400, dtype=bool))
    given = table(order=[i % 12 for i in range(400)], others=(other,))
    figure = one(crosswalk(given), ALL, "many", "ami")
    assert figure.n == 400
    assert abs(figure.value or 0) < 0.1


def test_A2_the_interval_holds_the_value_and_narrows() -> None:
    wide = one(crosswalk(table()), ALL, "b", "u")
    narrow = one(crosswalk(table(order=[i % 12 for i in range(1200)])), ALL, "b", "u")
    assert wide.low is not None
    assert wide.high is not None
    assert narrow.low is not None
    assert narrow.high is not None
    assert narrow.low <= (narrow.value or 0) <= narrow.high
    assert narrow.high - narrow.low < wide.high - wide.low


def test_A4_another_models_tags_are_compared_post_by_post() -> None:
    """Of twelve posts ten have the other's tags: here 5 rumours, there 5, three of them the same ones."""
    here = np.array([True] * 5 + [False] * 7)
    there = np.array([True] * 3 + [False] * 2 + [True] * 2 + [False] * 5)
    known = np.array([True] * 10 + [False] * 2)
    alleged = np.zeros((12, 4), dtype=bool)
    alleged[:, 0] = here
    frame = crosswalk(
        table(alleged=alleged, others=(Other("bert", ("advice", "rumour"), np.stack([here, there], 1), known),))
    )
    found = {name: one(frame, "rumour", "bert", name) for name in ("only_here", "only_there", "difference")}
    assert [(one.value, one.n) for one in found.values()] == [(0.2, 10), (0.2, 10), (0.0, 10)]
    half = 1.959964 * math.sqrt(5 / 12 / 12)
    assert (found["difference"].low, found["difference"].high) == (pytest.approx(-half), pytest.approx(half))
    assert {figure.category for figure in figures(frame, statistic="difference")} == {"rumour"}


@quick
@every(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200))
def test_A4_the_paired_interval_is_that_of_the_mean_of_signs(a: int, b: int, same: int) -> None:
    n = a + b + same
    low, high = paired_interval(a, b, n)
    weights = np.array([a + 0.5, b + 0.5, same + 1.0])
    signs = np.array([1.0, -1.0, 0.0])
    mean = np.average(signs, weights=weights)
    half = 1.959963984540054 * math.sqrt(np.average((signs - mean) ** 2, weights=weights) / weights.sum())
    value = (a - b) / max(n, 1)
    assert low == pytest.approx(min(value, max(-1, mean - half)))
    assert high == pytest.approx(max(value, min(1, mean + half)))
    assert paired_interval(b, a, n) == (pytest.approx(-high), pytest.approx(-low))


@pytest.mark.parametrize(("p", "q", "n"), [(0.05, 0.02, 100), (0.2, 0.2, 50), (0.01, 0.3, 200), (0.02, 0.02, 400)])
def test_A2_the_paired_interval_covers_the_difference(p: float, q: float, n: int) -> None:
    drawn = np.random.default_rng(11).multinomial(n, [p, q, 1 - p - q], size=4000)
    ends = np.array([paired_interval(int(a), int(b), n) for a, b, _ in drawn])
    covered = float(((ends[:, 0] <= p - q) & (p - q <= ends[:, 1])).mean())
    assert covered >= 0.93


def test_A1_no_post_of_both_has_no_difference() -> None:
    nothing = Other("bert", ("rumour",), np.zeros((12, 1), dtype=bool), np.zeros(12, dtype=bool))
    assert one(crosswalk(table(others=(nothing,))), "rumour", "bert", "difference").value is None
