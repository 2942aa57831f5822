"""Calibration on a sample: of all posts it is their prevalence, by bin it adds up to that, probabilities are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.judging.believed import believed
from koudai.audit.measures import MEASURES
from koudai.audit.sample.estimate import Population, estimate
from tests.audit.measures.test_performance import many
from tests.audit.table import figures, one, table

R = "rumour"


def test_A4_observed_is_the_share_of_all_posts_and_predicted_their_mean() -> None:
    given = many()
    assert given.sample is not None
    frame = MEASURES["calibration"].taken(given)
    observed = one(frame, R, "sample", "observed")
    population = Population(given.sample.stratum, given.proba[:, 0].astype(float))
    expected = estimate(population, given.sample.post, given.sample.majority[:, 0])["design"]
    assert observed.value == pytest.approx(expected.value)
    assert (observed.low, observed.high) == pytest.approx((expected.low, expected.high), abs=2e-3)
    assert observed.interval == "design-based"
    assert one(frame, R, "sample", "predicted").value == pytest.approx(float(given.proba[:, 0].mean()), abs=1e-6)


def test_bins_add_up_to_all_posts_and_ece_is_made_of_them() -> None:
    given = many()
    found = believed(given, 0)
    shares = np.bincount(np.minimum((given.proba[:, 0].astype(float) * 10).astype(int), 9), minlength=10) / 400
    by_group = {(figure.group, figure.statistic): figure for figure in found}
    bins = [f"sample, {b / 10:.1f}-{(b + 1) / 10:.1f}" for b in range(10)]
    gaps = [abs((by_group[name, "observed"].value or 0) - (by_group[name, "predicted"].value or 0)) for name in bins]
    assert by_group["sample", "ece"].value == pytest.approx(float(shares @ gaps))
    assert sum(by_group[name, "observed"].n for name in bins) == by_group["sample", "observed"].n == 200


def test_a_sample_alone_is_enough_and_nothing_is_nothing() -> None:
    given = many(labelled=None)
    assert figures(MEASURES["calibration"].taken(given), category=R, statistic="brier")
    assert believed(replace(given, sample=None), 0) == []
    corpus = table(sample=None)
    assert corpus.labelled is not None
    called = replace(corpus.labelled, source=np.full(12, "sample", dtype=object))
    assert believed(replace(corpus, labelled=called), 0) == [], "a corpus of that name is none"
    blank = replace(given, proba=np.full((400, 4), np.nan, dtype=np.float32), alleged=np.zeros((400, 4), dtype=bool))
    assert all(figure.value is None for figure in believed(blank, 0))
