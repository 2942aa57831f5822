"""Fitting: no post is judged by a model that saw it or its near-duplicate, categories are fitted on the posts that know
them alone, the same seed gives the same model whatever the threads, and what cannot be learnt is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from koudai.config.decide import DecideSection
from koudai.errors import TooFewPosts
from koudai.model.deciding.calibration import fit_sigmoid, sigmoid
from koudai.model.fitting.classifiers import CLASSIFIERS, Classifier, make_classifier
from koudai.training.fit import FitData, FittedCategory, fit_categories, fit_category, out_of_fold

quick = settings(derandomize=True, deadline=None, max_examples=60)


@dataclass
class Spy(Classifier):
    """A classifier that notes the rows it is given (row i is feature i); its decision is the number of the fit."""

    seen: list[set[int]] = field(default_factory=list)
    labels: list[np.ndarray] = field(default_factory=list)
    weights: list[np.ndarray] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)

    def fit(self, features: sp.csr_matrix, y: np.ndarray, weight: np.ndarray, *, seed: int) -> tuple[np.ndarray, float]:
        self.seen.append(set(features.indices.tolist()))
        self.labels.append(y)
        self.weights.append(weight)
        self.seeds.append(seed)
        return np.zeros(features.shape[1]), float(len(self.seen))


def identity(n: int) -> sp.csr_matrix:
    return sp.csr_matrix(np.eye(n))


def noise(n: int = 120, columns: int = 3) -> tuple[sp.csr_matrix, np.ndarray]:
    random = np.random.default_rng(6)
    y = random.integers(0, 2, (n, columns)).astype(np.int8)
    dense = random.random((n, 400)) * (random.random((n, 400)) < 0.1)
    dense[:, :columns] = 0.4 * y
    return sp.csr_matrix(dense), y


# a label and a group for each post; near-duplicates may contradict each other
data = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 25)), min_size=8, max_size=60)


def smaller(y: np.ndarray, groups: np.ndarray) -> int:
    return min(len(set(groups[y == 1])), len(set(groups[y == 0])))


@quick
@given(data, st.integers(2, 5), st.integers(0, 99), st.sampled_from([0.25, 0.5, 1.0]))
def test_A3_no_post_is_judged_by_what_saw_it_or_its_near_duplicate(
    rows: list[tuple[int, int]], folds: int, seed: int, part: float
) -> None:
    y, groups = np.array([row[0] for row in rows], dtype=np.int8), np.array([row[1] for row in rows])
    assume(smaller(y, groups) >= folds)
    spy = Spy()
    n = len(y)
    decision = out_of_fold(
        FitData(identity(n), y, np.ones(n), groups, classifier=spy, seed=seed).dealt(folds), part=part
    )
    assert len(spy.seen) <= folds
    for i, judge in enumerate(decision):
        if judge:  # 0 where a fold left one class only
            saw = spy.seen[int(judge) - 1]
            assert i not in saw
            assert groups[i] not in {groups[k] for k in saw}
    if part == 1.0:
        for number, saw in enumerate(spy.seen, 1):
            held = {i for i in range(n) if decision[i] == number}
            assert saw == set(range(n)) - held  # and everything else was fitted on


@pytest.mark.parametrize(("part", "sizes"), [(1.0, {80}), (0.5, {40}), (0.25, {20}), (0.001, {2})])
def test_a_part_of_the_other_folds(part: float, sizes: set[int]) -> None:
    spy, n = Spy(), 100
    out_of_fold(
        FitData(
            identity(n), (np.arange(n) % 2).astype(np.int8), np.ones(n), np.arange(n), classifier=spy, seed=1
        ).dealt(5),
        part=part,
    )
    assert {len(saw) for saw in spy.seen} == sizes


def test_weights_labels_and_seed_reach_the_classifier() -> None:
    spy, n = Spy(), 20
    y = (np.arange(n) % 2).astype(np.int8)
    out_of_fold(FitData(identity(n), y, np.arange(n) + 1.0, np.arange(n), classifier=spy, seed=77).dealt(4))
    for saw, labels, weights in zip(spy.seen, spy.labels, spy.weights, strict=True):
        assert weights.tolist() == [i + 1.0 for i in sorted(saw)]
        assert labels.tolist() == [i % 2 for i in sorted(saw)]
    assert spy.seeds == [77] * 4


def test_a_fold_that_leaves_one_class_is_not_judged() -> None:
    y, groups = np.array([1, 1, 0, 0, 0, 0], dtype=np.int8), np.array([0, 0, 1, 2, 3, 4])
    spy = Spy()
    decision = out_of_fold(FitData(identity(6), y, np.ones(6), groups, classifier=spy, seed=1).dealt(2))
    assert len(spy.seen) == 1  # the only group of positives was in one fold
    assert (decision[:2] == 0).all()


def test_A4_decisions_are_scikit_learns() -> None:
    features, labels = noise()
    y, groups = labels[:, 0], np.arange(120) // 2
    found = out_of_fold(
        FitData(
            features, y, np.ones(120), groups, classifier=make_classifier("DualLogisticRegression", {"C": 2.0}), seed=9
        ).dealt(4)
    )
    expected = np.empty(120)
    for fit, held in StratifiedGroupKFold(4, shuffle=True, random_state=9).split(features, y, groups):
        model = LogisticRegression(C=2.0, solver="liblinear", random_state=9, max_iter=1000, tol=1e-8)
        expected[held] = model.fit(features[fit], y[fit]).decision_function(features[held])
    assert found == pytest.approx(expected, abs=1e-4)


def fitted(
    features: sp.csr_matrix, labels: np.ndarray, classifier: Classifier, *, folds: int = 3
) -> list[FittedCategory]:
    """Fit the columns of `labels` as categories a, b, c …; no two posts are near-duplicates."""
    return fit_categories(
        FitData(features, labels, np.ones(len(labels)), np.arange(len(labels)), classifier=classifier, seed=5),
        names=tuple("abcdefgh"[: labels.shape[1]]),
        section=DecideSection(folds=folds),
    )


def one(
    y: np.ndarray, groups: np.ndarray, *, section: DecideSection, classifier: Classifier | None = None
) -> FittedCategory:
    return fit_category(
        FitData(identity(len(y)), y, np.ones(len(y)), groups, classifier=classifier or Spy(), seed=1),
        name="rumour",
        section=section,
    )


@pytest.mark.parametrize(
    ("y", "groups", "got"),
    [
        ([0, 0, 0, 0], [0, 1, 2, 3], "0 in and 4 out"),
        ([1, 1, 1], [0, 1, 2], "3 in and 0 out"),
        ([1, 0, 0, 0], [0, 1, 2, 3], "1 in and 3 out"),
        ([1, 1, 1, 0, 0], [7, 7, 7, 1, 2], "3 in and 2 out"),
        ([], [], "0 in and 0 out"),
    ],
    ids=["none in", "none out", "one in", "one in three times over", "no posts"],
)
def test_I17_too_few_different_posts_are_refused_by_name(y: list[int], groups: list[int], got: str) -> None:
    with pytest.raises(TooFewPosts) as caught:
        one(np.array(y, dtype=np.int8), np.array(groups, dtype=np.int64), section=DecideSection())
    error = caught.value
    assert error.what == "category 'rumour' cannot be learnt"
    assert error.expected == "at least two different posts in it and two out of it"
    assert error.got == got
    assert error.happened == "nothing was trained"
    assert "run.categories" in str(error.todo)
    assert error.exit_code == 3


def test_two_different_posts_of_each_are_enough_and_folds_give_way() -> None:
    spy = Spy()
    one(np.array([1, 1, 0, 0], dtype=np.int8), np.arange(4), section=DecideSection(folds=5), classifier=spy)
    assert len(spy.seen) == 3  # all of it once, then two folds


def test_A4_the_parts_of_a_fitted_category_are_what_they_say() -> None:
    features, labels = noise()
    y, groups = labels[:, 0], np.arange(120) // 2
    classifier = make_classifier("DualLogisticRegression", {"C": 2.0})
    section = DecideSection(folds=4)
    found = fit_category(
        FitData(features, y, np.ones(120), groups, classifier=classifier, seed=9), name="x", section=section
    )
    weights, intercept = classifier.fit(features, y, np.ones(120), seed=9)
    assert np.array_equal(found.weights, weights)
    assert found.intercept == intercept
    decision = out_of_fold(FitData(features, y, np.ones(120), groups, classifier=classifier, seed=9).dealt(4))
    assert (found.slope, found.offset) == fit_sigmoid(decision, y)
    proba = sigmoid(found.slope * decision + found.offset)
    best = max(f1_score(y, proba >= t) for t in [*np.unique(proba), found.threshold])
    assert f1_score(y, proba >= found.threshold) == pytest.approx(best)


def test_without_calibration_and_with_a_fixed_threshold() -> None:
    features, labels = noise()
    found = fit_category(
        FitData(
            features,
            labels[:, 0],
            np.ones(120),
            np.arange(120),
            classifier=make_classifier("ComplementNB", {"alpha": 0.3}),
            seed=1,
        ),
        name="x",
        section=DecideSection(calibrate="none", threshold=0.3),
    )
    assert (found.slope, found.offset, found.threshold) == (1.0, 0.0, 0.3)


def test_each_category_is_fitted_on_the_posts_that_know_it() -> None:
    labels = np.full((30, 2), -1, dtype=np.int8)
    labels[:20, 0] = np.arange(20) % 2
    labels[10:, 1] = np.arange(20) % 2
    spy = Spy()
    fitted(identity(30), labels, spy, folds=2)
    whole = sorted((saw for saw in spy.seen if len(saw) == 20), key=min)
    assert whole == [set(range(20)), set(range(10, 30))]
    assert all(saw <= set(range(20)) or saw <= set(range(10, 30)) for saw in spy.seen)


def test_the_category_that_cannot_be_learnt_is_named_among_many() -> None:
    labels = np.zeros((12, 2), dtype=np.int8)
    labels[::2, 0] = 1
    with pytest.raises(TooFewPosts, match="'b' cannot be learnt"):
        fitted(identity(12), labels, Spy())


@pytest.mark.slow
@pytest.mark.parametrize("name", list(CLASSIFIERS))
def test_P6_same_seed_same_model_however_many_threads(name: str) -> None:
    features, labels = noise(columns=6)
    alone = [fitted(features, labels[:, [column]], make_classifier(name, {}))[0] for column in range(6)]
    for _ in range(4):
        for a, b in zip(fitted(features, labels, make_classifier(name, {})), alone, strict=True):
            assert np.array_equal(a.weights, b.weights)
            assert (a.intercept, a.slope, a.offset, a.threshold) == (b.intercept, b.slope, b.offset, b.threshold)
