"""Prevalence over time: every period is there, a rise is told, gaps count, and what has no label has no value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.inputs.kept_columns import Periods
from koudai.audit.measures import MEASURES
from koudai.audit.sample.domain_figures import sampled_categories
from koudai.audit.sample.estimate import aims
from tests.audit.measures.test_performance import many
from tests.audit.table import KEYS, figures, one, table

KEY = KEYS[0]
N, LABELS = 4000, 400
MONTHS = ("2021-01", "2021-02", "2021-04", "2021-05")
prevalence_over_time = MEASURES["prevalence_over_time"].taken


def given(shares: tuple[float, ...], *, months: tuple[str, ...] = MONTHS, every: str = "month") -> AuditInput:
    """Return 4,000 posts, as many of each month, a tenth of them labelled; what is in is seen by the model."""
    random = np.random.default_rng(6)
    at = np.arange(N) % len(months)
    y = random.random(N) < np.array(shares)[at]
    proba = np.clip(np.where(y, 0.7, 0.2) + random.normal(0, 0.15, N), 0, 1).astype(np.float32)
    posts = many(N)
    posts = replace(posts, proba=np.repeat(proba[:, None], len(posts.categories), axis=1))
    sample = LabelledSample(
        (KEY,), (proba > 0.5).astype(np.int64), np.arange(LABELS), y[None, :LABELS, None].astype(np.int8)
    )
    dates = np.array([f"{month}-10" for month in months], dtype="datetime64[s]")[at]
    dates[-3:] = np.datetime64("NaT", "s")
    return replace(posts, sample=sample, period=Periods(every, dates), groups=None)


def test_a_rise_is_told_by_its_slope_in_time() -> None:
    frame = prevalence_over_time(given((0.1, 0.2, 0.4, 0.5)))
    shares = [one(frame, KEY, month, "prevalence") for month in MONTHS]
    assert [figure.n for figure in shares] == [100] * 4
    assert [figure.value for figure in shares] == pytest.approx([0.1, 0.2, 0.4, 0.5], abs=0.1)
    trend, p = (one(frame, KEY, ALL, name) for name in ("trend", "p"))
    assert (trend.n, trend.interval) == (400, "design-based")
    assert trend.low < 0.1 < trend.high  # type: ignore[operator]
    assert p.value < 1e-6  # type: ignore[operator]
    jump = one(frame, KEY, "2021-04 − 2021-02", "difference")
    assert jump.value == pytest.approx(shares[2].value - shares[1].value)  # type: ignore[operator]
    assert one(frame, KEY, ALL, "without").value == 3


def test_nothing_that_changes_is_no_trend_and_a_few_posts_have_no_interval() -> None:
    level = prevalence_over_time(given((0.3, 0.3, 0.3, 0.3)))
    trend = one(level, KEY, ALL, "trend")
    assert trend.low < 0 < trend.high  # type: ignore[operator]
    rare = prevalence_over_time(given((0.0, 0.0, 0.0, 0.04)))
    assert (one(rare, KEY, ALL, "trend").value or 0) > 0
    assert one(rare, KEY, ALL, "trend").low is None
    assert one(rare, KEY, "2021-01", "prevalence").high > 0  # type: ignore[operator]


def test_a_month_without_a_label_is_there_and_takes_no_part_in_the_trend() -> None:
    input_ = given((0.1, 0.2, 0.4, 0.5))
    assert input_.sample is not None
    assert input_.period is not None
    dates = input_.period.date.copy()
    dates[:LABELS][dates[:LABELS] == np.datetime64("2021-04-10")] = np.datetime64("2021-05-10")
    frame = prevalence_over_time(replace(input_, period=Periods("month", dates)))
    empty = one(frame, KEY, "2021-04", "prevalence")
    assert (empty.value, empty.n) == (None, 0)
    assert one(frame, KEY, "2021-04", "posts").value == 899
    assert one(frame, KEY, "2021-05 − 2021-04", "difference").value is None
    assert one(frame, KEY, ALL, "trend").n == 400


def test_only_the_latest_of_very_many_periods_are_told() -> None:
    months = tuple(f"{2010 + at // 12}-{at % 12 + 1:02}" for at in range(70))
    frame = prevalence_over_time(given((0.3,) * 70, months=months))
    told = [figure.group for figure in figures(frame, statistic="prevalence")]
    assert told == list(months[10:])


def test_A1_one_period_no_sample_and_a_stratum_without_a_label() -> None:
    assert prevalence_over_time(table(sample=None)).figures == ()
    single = prevalence_over_time(given((0.3,), months=("2021-01",)))
    assert one(single, KEY, ALL, "trend").value is None
    whole = one(single, KEY, "2021-01", "prevalence")
    input_ = given((0.3,), months=("2021-01",))
    assert input_.sample is not None
    (of,) = sampled_categories(input_, input_.sample)
    made = aims(of.population, *of.labels)
    assert made is not None
    assert whole.value == pytest.approx(made[2]["ppi++"].value, abs=0.005)
    nothing = replace(input_, sample=replace(input_.sample, labels=np.full_like(input_.sample.labels, -1)))
    assert one(prevalence_over_time(nothing), KEY, "2021-01", "prevalence").value is None
