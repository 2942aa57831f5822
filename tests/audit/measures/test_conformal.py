"""Conformal: the table by hand, the sets of crepes on the same division (A4), coverage as promised, and nothing where
there is nothing (A1).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from crepes.base import p_values_batch

from koudai.audit.frame import ALL
from koudai.audit.inputs.audit_input import AuditInput, Labelled
from koudai.audit.measures.conformal import COVERAGES, conformal
from koudai.audit.trying.selection import renumbered, sorted_rows
from koudai.training.folds import deal_folds
from koudai.training.intervals import clustered_wilson
from tests.audit.table import KEYS, figures, one, table

R = KEYS[0]


def given_scores(seed: int, n: int) -> AuditInput:
    random = np.random.default_rng(seed)
    labels = (random.random((n, 4)) < 0.3).astype(np.int8)
    proba = 1 / (1 + np.exp(-random.normal(size=(n, 4)) - 2 * labels + 1))
    labelled = Labelled(
        ids=[f"p{i}" for i in range(n)],
        texts=[f"第{i}条" for i in range(n)],
        labels=labels,
        proba=proba.astype(np.float32),
        alleged=proba > 0.5,
        source=np.full(n, "street", dtype=object),
        group=np.arange(n) // 2,
    )
    return table(labelled=labelled)


@pytest.mark.parametrize("level", COVERAGES)
def test_A4_the_same_sets_as_crepes(level: float) -> None:
    given = given_scores(3, 300)
    labelled = given.labelled
    assert labelled is not None
    rows = sorted_rows(labelled)
    y, p = labelled.labels[rows, 0], labelled.proba[rows, 0].astype(np.float64)
    test = deal_folds(y, renumbered(labelled.group[rows]), 2, seed=7) == 1
    held = []
    for label, strange in ((1, 1 - p), (0, p)):
        bound = strange[~test & (y == label)]
        held.append(p_values_batch(bound, strange[test], smoothing=False) > 1 - level + 1e-9)
    frame, name = conformal(given), f"1−α={level:g}"
    size = held[0].astype(int) + held[1]
    right = np.where(y[test] == 1, held[0], held[1])
    n = int(test.sum())
    coverage = one(frame, R, name, "coverage")
    expected = clustered_wilson(right, labelled.group[rows][test])
    assert (coverage.value, coverage.low, coverage.high, coverage.n) == (*expected[:3], n)
    assert one(frame, R, name, "size").value == pytest.approx(size.mean())
    assert one(frame, R, name, "empty").value == pytest.approx((size == 0).mean())
    assert one(frame, R, name, "both").value == pytest.approx((size == 2).mean())
    inside = one(frame, R, f"{name}, in", "coverage")
    assert (inside.value, inside.n) == (pytest.approx(right[y[test] == 1].mean()), int((y[test] == 1).sum()))


@pytest.mark.slow
def test_coverage_is_as_promised_on_exchangeable_posts() -> None:
    for level in COVERAGES:
        found = [one(conformal(given_scores(seed, 400)), R, f"1−α={level:g}, in", "coverage") for seed in range(30)]
        mean = np.mean([figure.value for figure in found])
        assert level - 0.03 <= mean <= level + 0.05


def test_A4_twelve_rows_are_too_few_for_the_bounds_and_so_every_set_holds_both() -> None:
    """Of 12 rows at most six of a class set the bounds, and 0.9 needs nine."""
    frame = conformal(table())
    for key in KEYS:
        for found in figures(frame, category=key, group="1−α=0.95", statistic="both"):
            assert found.value == 1.0
        assert one(frame, key, ALL, "no_probability").n == {"rumour": 11, "posing": 11, "posing.army": 11}.get(key, 9)
    assert one(frame, R, ALL, "no_probability").value == pytest.approx(1 / 11)


def test_A5_order_and_names_change_nothing() -> None:
    given = given_scores(5, 120)
    labelled = given.labelled
    assert labelled is not None
    turn = np.random.default_rng(2).permutation(120)
    other = Labelled(
        ids=[labelled.ids[i] for i in turn],
        texts=[labelled.texts[i] for i in turn],
        labels=labelled.labels[turn],
        proba=labelled.proba[turn],
        alleged=labelled.alleged[turn],
        source=labelled.source[turn],
        group=labelled.group[turn],
    )
    assert conformal(replace(given, labelled=other)) == conformal(given)


def test_A3_near_duplicates_are_on_one_side() -> None:
    """Every post twice in one group: the bounds are set on both copies or on neither, so n is even."""
    given = given_scores(5, 120)
    for key in KEYS:
        assert one(conformal(given), key, "1−α=0.9", "coverage").n % 2 == 0


@pytest.mark.parametrize("label", [-1, 0, 1])
def test_A1_one_class_or_none_has_no_coverage(label: int) -> None:
    given = given_scores(1, 20)
    assert given.labelled is not None
    given.labelled.labels[:] = label
    frame = conformal(given)
    assert {(f.value, f.n) for f in figures(frame, statistic="coverage")} == {(None, 0)}
    assert conformal(table(labelled=None)).figures == ()


def test_A6_posts_without_a_probability_are_counted_apart() -> None:
    given = given_scores(1, 60)
    assert given.labelled is not None
    given.labelled.proba[:10] = np.nan
    frame = conformal(given)
    missing = one(frame, R, ALL, "no_probability")
    assert (missing.value, missing.n) == (pytest.approx(10 / 60), 60)
    assert one(frame, R, "1−α=0.8", "coverage").n < 50


def test_coverage_of_each_corpus_adds_up_to_that_of_all() -> None:
    given = given_scores(3, 300)
    assert given.labelled is not None
    source = np.array(["a", "b", "b"] * 100, dtype=object)[: len(given.labelled.ids)]
    frame = conformal(replace(given, labelled=replace(given.labelled, source=source)))
    for name in COVERAGES:
        parts = [one(frame, R, f"1−α={name:g}, {corpus}", "coverage") for corpus in ("a", "b")]
        whole = one(frame, R, f"1−α={name:g}", "coverage")
        assert sum(part.n for part in parts) == whole.n
        assert sum((part.value or 0) * part.n for part in parts) == pytest.approx((whole.value or 0) * whole.n)
        assert one(frame, R, f"1−α={name:g}, a, in", "coverage").n < parts[0].n
