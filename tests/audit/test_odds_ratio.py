"""Odds ratios: by hand and against scikit-learn (A4); a covariate that explains a tag takes its odds ratio away; what a
covariate decides is left out; too little gives nothing (A1).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from koudai.audit.odds_ratio import OddsRatio, odds_ratio


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome, tag and month: later months have more of both, and the tag itself does nothing."""
    random = np.random.default_rng(seed)
    month = random.integers(0, 6, n)
    tag = random.random(n) < 0.1 + 0.12 * month
    outcome = random.random(n) < 0.1 + 0.12 * month
    return outcome, tag, month


def test_A4_without_covariates_it_is_that_of_the_four_cells() -> None:
    outcome, tag, _ = drawn(500, 1)
    cells = [[int((outcome == a)[tag == b].sum()) for a in (True, False)] for b in (True, False)]
    (a, b), (c, d) = cells
    found = odds_ratio(outcome, tag, clusters=np.arange(500))
    assert found.value == pytest.approx(a * d / (b * c))
    woolf = math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    assert found.low == pytest.approx(a * d / (b * c) * math.exp(-1.965 * woolf), rel=0.01)
    assert found.n == 500


def test_A4_with_covariates_it_is_that_of_scikit_learn() -> None:
    outcome, tag, month = drawn(800, 2)
    length = np.random.default_rng(3).normal(size=800)
    design = np.column_stack([tag, length, *((month == m) for m in range(1, 6))]).astype(float)
    expected = LogisticRegression(C=np.inf, tol=1e-10, max_iter=2000).fit(design, outcome).coef_[0, 0]
    found = odds_ratio(outcome, tag, clusters=np.arange(800), levels=(month,), numbers=(length,))
    assert found.value == pytest.approx(math.exp(expected), rel=1e-4)


def test_a_month_that_explains_both_takes_the_odds_ratio_away() -> None:
    held = more = 0
    for seed in range(60):
        outcome, tag, month = drawn(400, seed)
        adjusted = odds_ratio(outcome, tag, clusters=np.arange(400), levels=(month,))
        held += (adjusted.low or 9.0) <= 1.0 <= (adjusted.high or 0.0)
        more += (odds_ratio(outcome, tag, clusters=np.arange(400)).value or 0.0) > 1.3
    assert held >= 53  # of 60
    assert more >= 55


def test_copies_of_one_cluster_count_as_one() -> None:
    outcome, tag, _ = drawn(300, 4)
    once = odds_ratio(outcome, tag, clusters=np.arange(300))
    thrice = odds_ratio(np.repeat(outcome, 3), np.repeat(tag, 3), clusters=np.repeat(np.arange(300), 3))
    assert thrice.value == pytest.approx(once.value)
    assert (thrice.low, thrice.high) == (pytest.approx(once.low, rel=0.01), pytest.approx(once.high, rel=0.01))


def test_a_month_in_which_all_met_one_fate_is_left_out() -> None:
    outcome, tag, month = drawn(400, 5)
    outcome[month == 0] = False
    found = odds_ratio(outcome, tag, clusters=np.arange(400), levels=(month,))
    assert found.n == int((month > 0).sum())
    assert found.value is not None


@pytest.mark.parametrize("n", [0, 1, 30])
def test_A1_one_outcome_one_tag_or_no_posts_have_no_value(n: int) -> None:
    yes, mixed = np.ones(n, dtype=bool), np.arange(n) % 2 == 0
    for outcome, tag in ((yes, mixed), (mixed, yes), (mixed, mixed)):
        found = odds_ratio(outcome, tag, clusters=np.arange(n))
        assert (found.value, found.low, found.high, found.n) == (None, None, None, n)
    alone = odds_ratio(*drawn(200, 6)[:2], clusters=np.zeros(200, dtype=np.int64))
    assert (alone.low, alone.high) == (None, None)


def test_A1_coefficients_that_do_not_settle_give_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, tag, month = drawn(300, 5)
    assert odds_ratio(outcome, tag, clusters=np.arange(300), levels=(month,)).value is not None
    monkeypatch.setattr("koudai.audit.odds_ratio._STEPS", 1)
    assert odds_ratio(outcome, tag, clusters=np.arange(300), levels=(month,)) == OddsRatio(None, None, None, 300)
