"""The score test of a linear equation: a share's is that of prevalence, one stratum's is Wilson's with t; ends lie in
order; weighted means and ratios of a stratified design are those that R's survey gives (A4).
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit

from koudai.audit.judging.equation_interval import (
    Asked,
    equation_interval,
    f1_equation,
    recall_equation,
    share_equation,
)
from koudai.audit.judging.measured import measured
from koudai.audit.sample.stratified_interval import stratified_interval
from koudai.training.intervals import wilson
from koudai.training.judging.judged import JudgedPosts, SampleCells
from koudai.training.judging.linear import LINEAR
from koudai.training.judging.strata import Strata

STRATA = Strata(np.array([900.0, 300.0, 100.0]), np.array([20.0, 15.0, 10.0]))
COUNTS = st.tuples(st.integers(0, 20), st.integers(0, 15), st.integers(0, 10))
ALL = np.ones(3, dtype=bool)
SURVEY = Path(os.environ.get("KOUDAI_ORACLES", "oracles"))


@settings(derandomize=True, deadline=None, max_examples=25)
@given(COUNTS)
def test_the_share_of_all_posts_has_the_interval_of_prevalence(counts: tuple[int, int, int]) -> None:
    rate = np.array(counts) / STRATA.labelled
    ((low, high),) = equation_interval(STRATA, rate, Asked(share_equation(ALL), float(rate @ STRATA.share)))
    expected = stratified_interval(STRATA, rate)
    least, most = np.array(counts).sum() / 1300, 1 - (45 - np.array(counts).sum()) / 1300
    assert (max(low, least), min(high, most)) == pytest.approx(expected, abs=1e-4)


def test_one_stratum_gives_wilsons_interval_with_t() -> None:
    strata = Strata(np.array([1e12, 1.0]), np.array([40.0, 1.0]))
    inside = np.array([True, False])
    (found,) = equation_interval(strata, np.array([0.25, 1.0]), Asked(share_equation(inside), 0.25))
    assert found == pytest.approx(wilson(10, 40, z=float(stdtrit(39, 0.975)))[1:], abs=1e-4)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(COUNTS)
def test_ends_of_recall_and_f1_lie_in_order_and_leave_room(counts: tuple[int, int, int]) -> None:
    rate, inside = np.array(counts) / STRATA.labelled, np.array([False, True, True])
    tp, fn = (float((rate * STRATA.share)[one].sum()) for one in (inside, ~inside))
    tagged = float(STRATA.share[inside].sum())
    if tp + fn == 0:
        return
    values = tp / (tp + fn), 2 * tp / (tagged + tp + fn)
    asked = map(Asked, (recall_equation(inside), f1_equation(inside, tagged)), values)
    for value, (low, high) in zip(values, equation_interval(STRATA, rate, *asked), strict=True):
        assert 0 <= low <= value <= high <= 1
        assert high - low > 0.02


def survey() -> tuple[list[dict[str, str]], dict[tuple[str, str], dict[str, str]]]:
    if not (SURVEY / "r-survey.csv").is_file():
        pytest.skip("the numbers of R's survey are not there: $KOUDAI_ORACLES names their folder")
    posts, figures = (
        list(csv.DictReader((SURVEY / name).read_text(encoding="utf-8").splitlines()))
        for name in ("stratified.csv", "r-survey.csv")
    )
    return posts, {
        (one["method"], one["of"]): one for one in figures if one["design"] == "stratified" and not one["level"]
    }


def test_A4_weighted_means_and_ratios_are_those_of_r_survey() -> None:
    posts, figures = survey()
    names = sorted({one["stratum"] for one in posts})
    size = {one["stratum"]: float(one["stratum_size"]) for one in posts}
    drawn = Counter(one["stratum"] for one in posts)
    strata = Strata(np.array([size[name] for name in names]), np.array([float(drawn[name]) for name in names]))
    of = np.array([names.index(one["stratum"]) for one in posts])
    cells = SampleCells(strata, np.zeros(len(names), dtype=bool), of)
    rumour, advice = (np.array([float(one[name]) for one in posts]) for name in ("rumour", "advice"))
    mean = figures["svymean", "rumour"]
    assert float(cells.weight @ rumour) == pytest.approx(float(mean["estimate"]), rel=1e-10)
    error = np.sqrt(cells.variance(rumour - float(mean["estimate"])))
    assert float(error) == pytest.approx(float(mean["se"]), rel=1e-10)
    ratio = figures["svyratio", "rumour/advice"]
    rows = np.arange(len(posts))
    one = JudgedPosts(advice, np.full(len(posts), 0.5), rumour == 1, rows, rows, cells)
    value = float(cells.weight @ rumour) / float(cells.weight @ advice)
    influence = (rumour - value * advice) / float(cells.weight @ advice)
    assert value == pytest.approx(float(ratio["estimate"]), rel=1e-10)
    assert float(np.sqrt(one.variance(influence))) == pytest.approx(float(ratio["se"]), rel=1e-10)
    precision = LINEAR["precision"](one)
    assert precision is not None
    assert precision.value == pytest.approx(
        float((cells.weight * advice * rumour).sum() / (cells.weight * rumour).sum())
    )


def test_an_unlabelled_positive_among_unlikely_posts_is_reckoned_with_in_an_auc() -> None:
    strata, of = Strata(np.array([9000.0, 1000.0]), np.array([50.0, 50.0])), np.repeat([0, 1], 50)
    p, y = np.concatenate([np.linspace(0.0, 0.3, 50), np.linspace(0.5, 1.0, 50)]), np.zeros(100)
    y[-30:] = 1
    cells, rows = SampleCells(strata, np.array([False, True]), of), np.arange(100)
    found = measured(JudgedPosts(y, p, p >= 0.5, rows, rows, cells), "auc")
    missed = 9000 * (1 - 0.025 ** (1 / 50)) / 600
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < (found.value + 0.5 * missed) / (1 + missed) + 0.05
    assert found.high >= found.value > 0.99
