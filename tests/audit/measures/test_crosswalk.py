"""Crosswalk: U and shares by hand on the 12-row table, AMI against scikit-learn's, entropies against scipy's (A4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st
from scipy.stats import entropy
from sklearn.metrics import adjusted_mutual_info_score, mutual_info_score
from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput
from koudai.audit.inputs.others import NOTHING, Other
from koudai.audit.measures.crosswalk import MOST_SETS, _sets, clustered_difference, crosswalk, paired_interval
from koudai.training.intervals import ONE_CLUSTER, SPARSE_TABLE, wilson
from tests.audit.table import OTHERS, ROWS, figures, one, table

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=40).map(
    lambda rows: np.array(rows, dtype=np.int64)
)


def unclustered() -> AuditInput:
    """The table without its texts, some of which are near-duplicates."""
    return replace(table(), texts=None)


def corrected(b: Sequence[object], a: Sequence[object]) -> float:
    """(I − E)/(H(B) − E), by scikit-learn's information and expectation and scipy's entropy."""
    table = contingency_matrix(a, b).astype(np.int64)
    expected = expected_mutual_information(np.ascontiguousarray(table), len(a))
    return float((mutual_info_score(a, b) - expected) / (entropy(table.sum(axis=0)) - expected))


quick = settings(derandomize=True, deadline=None, max_examples=80)


def test_A4_rumour_by_hand() -> None:
    """Eleven rows are labelled by b, 5 fake and 6 real. Of four alleged rumours 3 are fake, of the other seven 2."""
    b = [5 / 11, 6 / 11]
    within = 4 / 11 * entropy([3 / 4, 1 / 4]) + 7 / 11 * entropy([2 / 7, 5 / 7])
    figure = one(crosswalk(unclustered()), "rumour", "b", "u")
    chance = expected_mutual_information(np.array([[1, 3], [5, 2]]), 11)
    known = entropy(b) - within
    assert (figure.value, figure.n) == (pytest.approx((known - chance) / (entropy(b) - chance)), 11)
    counted = [(OTHERS[i], "rumour" in ROWS[i][1]) for i in range(12) if OTHERS[i]]
    assert (counted.count(("fake", True)), counted.count(("fake", False)), len(counted)) == (3, 2, 11)


def test_A4_A2_shares_by_hand() -> None:
    frame = crosswalk(unclustered())
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
    frame = crosswalk(unclustered())
    assert one(frame, ALL, "b", "ami").value == pytest.approx(adjusted_mutual_info_score(b, a), abs=1e-12)
    assert one(frame, ALL, "b", "u").value == pytest.approx(corrected(b, a), abs=1e-12)


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


def test_A2_the_interval_holds_the_value_and_narrows_with_posts_but_not_with_their_copies() -> None:
    copies = [table(order=[i % 12 for i in range(n)]) for n in (600, 6000)]
    wide, narrow = (one(crosswalk(replace(some, texts=None)), "rumour", "b", "u") for some in copies)
    assert wide.low is not None
    assert wide.high is not None
    assert narrow.low is not None
    assert narrow.high is not None
    assert narrow.low <= (narrow.value or 0) <= narrow.high
    assert narrow.high - narrow.low < wide.high - wide.low
    twelve = one(crosswalk(copies[1]), "rumour", "b", "u")  # near-duplicates of twelve posts
    assert (twelve.low, twelve.interval) == (None, SPARSE_TABLE)


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


def test_pairs_of_copies_leave_a_paired_difference_as_wide_as_one_of_each() -> None:
    random = np.random.default_rng(5)
    here, there = random.random((2, 400)) < [[0.3], [0.2]]
    once = clustered_difference(here & ~there, there & ~here, None)
    twice = clustered_difference(*(np.repeat(one, 2) for one in (here & ~there, there & ~here)), np.arange(800) // 2)
    assert twice[0] == pytest.approx(once[0])
    assert twice[2:4] == (pytest.approx(once[2], abs=1e-3), pytest.approx(once[3], abs=1e-3))
    alone = clustered_difference(here & ~there, there & ~here, np.zeros(400, dtype=np.int64))
    assert alone[2:] == (None, None, ONE_CLUSTER)
    assert clustered_difference(here[:0], there[:0], None) == (None, 0, None, None, None)


def test_sets_of_more_columns_than_a_number_holds_are_told_apart_too() -> None:
    few = np.random.default_rng(3).random((60, 3)) < 0.5
    many = np.zeros((60, 70), dtype=bool)
    many[:, [0, 35, 69]] = few
    narrow, wide = _sets(few), _sets(many)
    assert len(set(narrow.tolist())) == 8
    for side in (narrow, wide):
        assert len({(a, b) for a, b in zip(narrow.tolist(), side.tolist(), strict=True)}) == 8
        assert np.bincount(side)[1:].tolist() == sorted(np.bincount(side)[1:].tolist(), reverse=True)


def test_one_post_alone_and_posts_that_all_differ_alike_have_their_own_interval() -> None:
    yes, no = np.ones(6, dtype=bool), np.zeros(6, dtype=bool)
    for clusters in (np.arange(6), np.arange(6) // 2):  # nothing is off the mean: copies change nothing
        assert clustered_difference(yes, no, clusters) == (1.0, 6, *paired_interval(6, 0, 6), None)
    assert clustered_difference(yes[:1], no[:1], np.zeros(1, dtype=np.int64)) == (
        1.0,
        1,
        *paired_interval(1, 0, 1),
        None,
    )
