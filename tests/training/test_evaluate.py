"""Every metric against scikit-learn's, with and without weights; a group counts as one post, so that repeats make
no figure look surer; what is not defined is missing, never 0 (A1, A4, A5).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn import metrics as sk

from koudai.training.bootstrap import percentile_interval
from koudai.training.evaluate import BIASED, FIGURES, METRICS, MetricValue, _ranked, _sums, bin_of, evaluate, reweighted

OF_SCIKIT_LEARN = tuple(name for name in METRICS if name not in BIASED)
quick = settings(derandomize=True, deadline=None, max_examples=60)
Rows = list[tuple[int, float, float]]
GRID = st.integers(0, 20).map(lambda step: step / 20)  # ties, and the ends of every bin
rows = st.lists(
    st.tuples(st.integers(0, 1), GRID, st.sampled_from([0.0, 1.0, 2.0, 3.0, 0.25])), min_size=1, max_size=40
)


def ranked(data: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labels, probabilities, tags at 0.5, weights, by falling probability as metrics want them."""
    data = sorted(data, key=lambda row: -row[1])
    y, p, w = (np.array(column) for column in zip(*data, strict=True))
    return y.astype(np.int8), p.astype(float), p >= 0.5, w.astype(float)


def measured(y: np.ndarray, p: np.ndarray, w: np.ndarray) -> dict[str, float]:
    """Return each metric of posts that weigh `w`, tagged from 0.5 on."""
    posts, _ = _ranked(y, p, 0.5, np.arange(len(y)))
    sums = _sums(posts, w)
    return {name: float(metric(sums)[0]) for name, metric in METRICS.items()}


def ece_by_loop(y: np.ndarray, p: np.ndarray, w: np.ndarray) -> float:
    total = 0.0
    for b in range(10):
        inside = [i for i in range(len(y)) if (10 * p[i] >= b and 10 * p[i] < b + 1) or (b == 9 and p[i] == 1.0)]
        mass = sum(w[i] for i in inside)
        if mass:
            gap = sum(w[i] * p[i] for i in inside) / mass - sum(w[i] * y[i] for i in inside) / mass
            total += mass * abs(gap)
    return total / w.sum()


def by_scikit_learn(name: str, y: np.ndarray, p: np.ndarray, tag: np.ndarray, w: np.ndarray) -> float:
    """The metric by scikit-learn (ECE by a loop), NaN where it says there is nothing to measure."""
    positive, negative, tagged = w[y == 1].sum() > 0, w[y == 0].sum() > 0, w[tag].sum() > 0
    given: dict[str, bool] = {
        "precision": tagged,
        "recall": positive,
        "f1": positive,
        "macro_f1": positive and negative,
        "average_precision": positive,
        "auc": positive and negative,
    }
    if not w.sum() or not given.get(name, True):
        return math.nan
    kept = w > 0  # scikit-learn looks at classes before weights
    y, p, tag, w = y[kept], p[kept], tag[kept], w[kept]
    if name in ("precision", "recall", "f1"):
        return float(getattr(sk, f"{name}_score")(y, tag, sample_weight=w, zero_division=0.0))
    if name == "macro_f1":
        return float(sk.f1_score(y, tag, sample_weight=w, average="macro", zero_division=0.0))
    if name == "accuracy":
        return float(sk.accuracy_score(y, tag, sample_weight=w))
    if name == "average_precision":
        return float(sk.average_precision_score(y, p, sample_weight=w))
    if name == "auc":
        return float(sk.roc_auc_score(y, p, sample_weight=w))
    if name == "brier":
        return float(sk.brier_score_loss(y, p, sample_weight=w, pos_label=1, labels=[0, 1]))
    return ece_by_loop(y, p, w)


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@quick
@given(data=rows)
def test_A4_every_metric_against_scikit_learn(*, weighted: bool, data: Rows) -> None:
    y, p, tag, w = ranked(data)
    w = w if weighted else np.ones(len(y))
    assume(w.sum() > 0)
    found = measured(y, p, w)
    with config_context(skip_parameter_validation=True):
        expected = {name: by_scikit_learn(name, y, p, tag, w) for name in METRICS}
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.slow
@quick
@given(data=rows)
def test_a_weight_of_3_is_a_post_three_times_over(data: Rows) -> None:
    y, p, _, w = ranked([(label, probability, round(weight)) for label, probability, weight in data])
    assume(w.sum() > 0)
    times = w.astype(int)
    repeated = measured(np.repeat(y, times), np.repeat(p, times), np.ones(times.sum()))
    assert measured(y, p, w) == pytest.approx(repeated, abs=1e-9, nan_ok=True)


def test_A4_twelve_posts_by_hand() -> None:
    p = np.array([0.95, 0.9, 0.8, 0.7, 0.6, 0.55, 0.45, 0.4, 0.3, 0.2, 0.1, 0.05])
    y = np.array([1, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0], dtype=np.int8)
    found = {f.metric: f.value for f in evaluate(y, p, threshold=0.5, groups=np.arange(12))}
    assert found == {
        "precision": pytest.approx(4 / 6),
        "recall": pytest.approx(4 / 5),
        "f1": pytest.approx(8 / 11),
        "macro_f1": pytest.approx((8 / 11 + 10 / 13) / 2),
        "accuracy": pytest.approx(9 / 12),
        "average_precision": pytest.approx((1 + 1 + 3 / 4 + 4 / 6 + 5 / 8) / 5),
        "auc": pytest.approx((7 + 7 + 6 + 5 + 4) / 35),
        "brier": pytest.approx(
            (0.05**2 + 0.1**2 + 0.8**2 + 0.3**2 + 0.6**2 + 0.45**2 + 0.45**2 + 0.6**2 + 0.3**2 + 0.2**2 + 0.1**2) / 12
            + 0.05**2 / 12
        ),
        # bins: .95 .9 | .8 | .7 | .6 | .55 | .45 .4 | .3 | .2 | .1 | .05
        "ece": pytest.approx((0.15 + 0.8 + 0.3 + 0.6 + 0.45 + 0.15 + 0.3 + 0.2 + 0.1 + 0.05) / 12),
        "calibration_error": None,  # twelve posts are too few for ten bins
    }


def all_of(y: list[int], p: list[float]) -> dict[str, MetricValue]:
    labels = np.array(y, dtype=np.int8)
    groups = np.arange(len(y))
    found = evaluate(labels, np.array(p), threshold=0.5, groups=groups, metrics=tuple(METRICS))
    return {f.metric: f for f in found}


@pytest.mark.parametrize(
    ("y", "p", "missing"),
    [
        ([], [], set(METRICS)),
        ([0, 0, 0], [0.9, 0.2, 0.1], {"recall", "f1", "macro_f1", "average_precision", "auc"}),
        ([0, 0, 0], [0.3, 0.2, 0.1], {"precision", "recall", "f1", "macro_f1", "average_precision", "auc"}),
        ([1, 1, 1], [0.9, 0.2, 0.1], {"macro_f1", "auc"}),
        ([1, 1, 1], [0.3, 0.2, 0.1], {"precision", "macro_f1", "auc"}),
        ([1, 0], [0.3, 0.2], {"precision"}),
    ],
    ids=["empty", "no positives", "nothing at all", "no negatives", "all missed", "nothing tagged"],
)
def test_A1_what_is_not_defined_is_missing(y: list[int], p: list[float], missing: set[str]) -> None:
    found = all_of(y, p)
    assert {name for name, figure in found.items() if figure.value is None} == missing
    for name in missing:
        assert (found[name].low, found[name].high, found[name].n) == (None, None, len(y))


def test_A1_all_nan_is_never_tagged_and_stays_in_n() -> None:
    found = all_of([1, 0, 1, 0], [math.nan] * 4)
    assert found["precision"].value is None
    assert (found["recall"].value, found["recall"].n) == (0.0, 4)
    assert (found["accuracy"].value, found["brier"].value) == (0.5, 0.5)
    assert all_of([1, 0, 1, 0], [0.0] * 4) == found


@pytest.mark.slow
@quick
@given(rows, st.randoms(use_true_random=False))
def test_A5_the_order_of_posts_changes_no_figure(data: Rows, random: object) -> None:
    mixed = list(enumerate(data))
    random.shuffle(mixed)  # type: ignore[attr-defined]
    first, second = (
        evaluate(
            np.array([row[0] for _, row in order], dtype=np.int8),
            np.array([row[1] for _, row in order]),
            threshold=0.5,
            groups=np.array([i // 2 for i, _ in order]),
        )
        for order in (list(enumerate(data)), mixed)
    )
    for a, b in zip(first, second, strict=True):
        for one, other in ((a.value, b.value), (a.low, b.low), (a.high, b.high)):
            assert (one is None) == (other is None)
            assert one is None or one == pytest.approx(other, abs=1e-9)


def noisy(n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    y = random.integers(0, 2, n).astype(np.int8)
    return y, np.clip(0.35 + 0.3 * y + random.normal(0, 0.25, n), 0, 1)


def test_repeats_in_one_group_do_not_shrink_the_interval_repeats_apart_do() -> None:
    y, p = noisy()
    many, groups = np.repeat(np.arange(60), 8), np.repeat(np.arange(60), 8)
    once = evaluate(y, p, threshold=0.5, groups=np.arange(60), metrics=OF_SCIKIT_LEARN)
    whole = evaluate(y[many], p[many], threshold=0.5, groups=groups, metrics=OF_SCIKIT_LEARN)
    apart = evaluate(y[many], p[many], threshold=0.5, groups=np.arange(480), metrics=OF_SCIKIT_LEARN)
    for a, b, c in zip(once, whole, apart, strict=True):
        assert b.value == pytest.approx(a.value)
        assert 1 - 1e-9 < (b.high - b.low) / (a.high - a.low) < 1.1, a.metric  # type: ignore[operator]
        assert b.n == 480
        assert None not in (a.low, a.high, c.low, c.high)
        assert (c.high - c.low) < 0.6 * (a.high - a.low), a.metric  # type: ignore[operator]  # √8 = 2.8 times narrower


def test_intervals_are_about_those_of_a_bootstrap_by_hand() -> None:
    y, p = noisy(400)
    found = evaluate(y, p, threshold=0.5, groups=np.arange(400), metrics=OF_SCIKIT_LEARN)
    times = np.random.default_rng(99).multinomial(400, np.full(400, 1 / 400), 1000).astype(np.float64)
    sums = reweighted(y, p, threshold=0.5, groups=np.arange(400), weights=times)
    for one in found:
        low, high = np.percentile(METRICS[one.metric](sums), [2.5, 97.5])
        assert (one.low, one.high) == pytest.approx((low, high), abs=0.2 * (high - low)), one.metric


def test_the_mean_of_both_classes_is_as_sure_as_its_parts_allow() -> None:
    """All of one class tagged alike: macro-F1 is no surer than the F1 that it is the mean of, and less than either."""
    y, p = noisy(200)
    mean, one = evaluate(y, p, threshold=0.5, groups=np.arange(200), metrics=("macro_f1", "f1"))
    other = evaluate(1 - y, 1 - p, threshold=0.5, groups=np.arange(200), metrics=("f1",))[0]
    widths = [each.high - each.low for each in (mean, one, other)]  # type: ignore[operator]
    assert mean.value == pytest.approx((one.value + other.value) / 2)  # type: ignore[operator]
    assert 0.5 * max(widths) < widths[0] < max(widths)


def test_interval_needs_twenty_defined_samples() -> None:
    assert percentile_interval(np.array([0.5] * 19 + [math.nan] * 400)) == (None, None)
    assert percentile_interval(np.array([0.5] * 20 + [math.nan] * 400)) == (0.5, 0.5)
    assert percentile_interval(np.linspace(0, 1, 1001)) == (pytest.approx(0.025), pytest.approx(0.975))
    assert percentile_interval(np.empty(0)) == (None, None)


@quick
@given(st.floats(0, 1))
def test_bins_are_tenths(p: float) -> None:
    place = int(bin_of(np.array([p]))[0])
    assert 0 <= place <= 9
    assert place <= 10 * p + 1e-9
    assert 10 * p <= place + 1 + 1e-9


def test_metrics_are_given_in_the_order_asked_for() -> None:
    y, p = noisy()
    asked = ("ece", "auc", "precision")
    found = evaluate(y, p, threshold=0.5, groups=np.arange(60), metrics=asked)
    assert tuple(f.metric for f in found) == asked
    assert set(vars(found[0])) == {"metric", "value", "n", "low", "high"}


def test_every_figure_is_measured_unless_told_and_the_binned_error_has_no_interval() -> None:
    y, p = noisy()
    found = {one.metric: one for one in evaluate(y, p, threshold=0.5, groups=np.arange(60))}
    assert tuple(found) == FIGURES
    assert (found["ece"].low, found["ece"].high) == (None, None)
    assert found["ece"].value is not None
    assert found["calibration_error"].low is not None
