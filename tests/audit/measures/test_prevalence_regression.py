"""Regression of a category: the odds that are there are found where a model errs more on one side; few labels have no
interval, and a level without enough is left out and counted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput, LabelledSample
from koudai.audit.inputs.covariates import Covariates, Levels
from koudai.audit.measures import MEASURES
from tests.audit.measures.test_performance import many
from tests.audit.table import KEYS, figures, one, table

KEY = KEYS[0]
N, LABELS = 6000, 900
prevalence_regression = MEASURES["prevalence_regression"].taken


def given(share: float = 0.3, *, rare: int = 0) -> AuditInput:
    """Return 6,000 posts of two platforms on which as much is in, and a number that goes with it; the model takes twice
    as many for it on platform b.
    """
    random = np.random.default_rng(9)
    platform = np.arange(N) % 2
    platform[N - rare :] = 2
    platform[:5] = 2 if rare else platform[:5]
    number = random.normal(size=N)
    y = random.random(N) < share * np.exp(0.5 * number) / 1.2
    proba = np.clip(0.1 + 0.6 * y + 0.25 * (platform == 1) + random.normal(0, 0.1, N), 0, 1).astype(np.float32)
    posts = many(N)
    sample = LabelledSample(
        (KEY,), (proba > 0.5).astype(np.int64), np.arange(LABELS), y[None, :LABELS, None].astype(np.int8)
    )
    levels = Levels("platform", ("a", "b", *(("c",) if rare else ())), platform.astype(np.int64))
    return replace(
        posts,
        proba=np.repeat(proba[:, None], len(posts.categories), axis=1),
        sample=sample,
        covariates=Covariates((levels,), {"number": number}),
    )


def test_a_model_that_errs_on_one_side_makes_no_difference_of_what_is_none() -> None:
    frame = prevalence_regression(given())
    reference, b, number = (one(frame, KEY, name, "odds_ratio") for name in ("platform, a", "platform, b", "number"))
    assert (reference.value, reference.low, reference.n) == (1.0, None, 450)
    assert b.low < 1 < b.high  # type: ignore[operator]
    assert (b.n, b.interval) == (450, "design-based")
    assert number.low > 1.3  # type: ignore[operator]
    assert number.n == LABELS
    assert 0 < one(frame, KEY, ALL, "lambda").value <= 1  # type: ignore[operator]
    p = {figure.group: figure.value for figure in figures(frame, statistic="p")}
    assert p["number"] < 0.001 < p["platform, b"]  # type: ignore[operator]


def test_a_level_with_few_labels_is_left_out_with_its_posts_and_counted() -> None:
    frame = prevalence_regression(given(rare=40))
    assert one(frame, KEY, ALL, "left_out").value == 45
    assert not figures(frame, group="platform, c")
    assert one(frame, KEY, "number", "odds_ratio").n == LABELS - 5


def test_few_labels_in_the_category_have_no_interval_and_none_at_all_no_value() -> None:
    few = one(prevalence_regression(given(0.015)), KEY, "number", "odds_ratio")
    assert (few.low, few.n) == (None, LABELS)
    assert few.value is not None
    input_ = given()
    assert input_.sample is not None
    labels = np.full_like(input_.sample.labels, -1)
    none = prevalence_regression(replace(input_, sample=replace(input_.sample, labels=labels)))
    assert {figure.value for figure in none.figures if figure.statistic != "left_out"} == {None}


def test_A1_no_sample() -> None:
    assert prevalence_regression(table(sample=None)).figures == ()


@pytest.mark.parametrize("seed", [1])
def test_A5_order_of_posts_changes_nothing(seed: int) -> None:
    input_ = given()
    assert input_.sample is not None
    assert input_.covariates is not None
    order = np.random.default_rng(seed).permutation(N)
    back = np.argsort(order)
    levels = tuple(replace(level, number=level.number[order]) for level in input_.covariates.levels)
    numbers = {name: number[order] for name, number in input_.covariates.numbers.items()}
    sample = replace(input_.sample, stratum=input_.sample.stratum[order], post=back[input_.sample.post])
    other = replace(input_, proba=input_.proba[order], sample=sample, covariates=Covariates(levels, numbers))
    for a, b in zip(prevalence_regression(input_).figures, prevalence_regression(other).figures, strict=True):
        assert a.value == pytest.approx(b.value, abs=1e-7)
