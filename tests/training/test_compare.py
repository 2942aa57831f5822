"""Comparison of two runs: differences, intervals as a loop over resampled groups has them; other posts are refused."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score

from koudai.errors import ModelFormatError, ScoresMismatch
from koudai.model.bundle.bundle import save_bundle
from koudai.model.bundle.held_out import HeldOut
from koudai.model.model import Model
from koudai.training.compare import Difference, compare_runs, joined_groups
from koudai.training.evaluate import BIASED, METRICS
from tests.model.tiny import CATEGORIES, EVALUATION, tiny_model

N = 120


@pytest.fixture(scope="module")
def tiny() -> Model:
    return tiny_model(chars=False)


def side(seed: int, *, noise: float = 1.0, **changes: Any) -> HeldOut:
    labels = np.random.default_rng(0).integers(0, 2, (N, 3)).astype(np.int8)
    labels[:10, 0], labels[:, 2] = -1, 0
    random = np.random.default_rng(seed)
    proba = 1 / (1 + np.exp(-(2 * labels - 1 + noise * random.normal(size=labels.shape))))
    kept = HeldOut("0123456789abcdef", CATEGORIES, np.zeros(3), proba.astype(np.float32), labels, np.arange(N) // 2)
    return replace(kept, **changes)


def bundle(model: Model, folder: Path, held_out: HeldOut | None) -> Path:
    evaluation = replace(EVALUATION, test_digest=held_out.digest if held_out else "")
    save_bundle(model, folder, card="", evaluation=evaluation, held_out=held_out)
    return folder


def find(found: list[Difference], category: str, metric: str) -> Difference:
    return next(one for one in found if (one.category, one.metric) == (category, metric))


@pytest.mark.slow
def test_A4_the_difference_is_scikit_learns_and_its_interval_about_that_of_a_bootstrap(
    tiny: Model, tmp_path: Path
) -> None:
    one, other = side(1, noise=2.0), side(2)
    found = compare_runs(bundle(tiny, tmp_path / "a", one), bundle(tiny, tmp_path / "b", other))
    assert [(d.category, d.metric) for d in found] == [(key, metric) for key in CATEGORIES for metric in METRICS]
    for column, key in enumerate(CATEGORIES[:1]):
        known = one.labels[:, column] >= 0
        y, threshold = one.labels[known, column], tiny.threshold[column]
        p = [held.proba[known, column].astype(np.float64) for held in (one, other)]
        _, group = np.unique(one.groups[known], return_inverse=True)
        posts_of = [np.flatnonzero(group == g) for g in range(group.max() + 1)]
        for metric, oracle in {
            "f1": lambda y, p, t=threshold: f1_score(y, p >= t),
            "average_precision": average_precision_score,
        }.items():
            gaps = []
            for sample in range(400):
                drawn = np.random.default_rng((3, sample)).integers(0, len(posts_of), len(posts_of))
                rows = np.concatenate([posts_of[g] for g in drawn])
                gaps.append(oracle(y[rows], p[1][rows]) - oracle(y[rows], p[0][rows]))
            shown = find(found, key, metric)
            assert (shown.a, shown.b) == pytest.approx((oracle(y, p[0]), oracle(y, p[1])))
            assert shown.difference == pytest.approx(oracle(y, p[1]) - oracle(y, p[0]))
            low, high = np.percentile(gaps, [2.5, 97.5])
            assert (shown.low, shown.high) == pytest.approx((low, high), abs=0.25 * (high - low))
            above = np.mean([(gap > 1e-12) + (abs(gap) <= 1e-12) / 2 for gap in gaps])
            assert shown.share == pytest.approx(above, abs=0.05)
            assert shown.n == known.sum()


def test_turned_round_every_difference_turns_its_sign_and_a_run_equals_itself(tiny: Model, tmp_path: Path) -> None:
    a, b = bundle(tiny, tmp_path / "a", side(1, noise=2.0)), bundle(tiny, tmp_path / "b", side(2))
    for there, back in zip(compare_runs(a, b), compare_runs(b, a), strict=True):
        if there.difference is not None:
            assert there.difference == pytest.approx(-back.difference)
            if there.metric in BIASED:
                assert (there.low, there.high, back.low, back.high) == (None, None, None, None)
                continue
            assert (there.low is None) == (back.low is None)
            if there.low is not None:
                assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
                assert there.share == pytest.approx(1 - back.share)
    for same in compare_runs(a, a):
        assert same.difference in (0.0, None)
        assert same.share in (0.5, None)
        assert same.low is None


def test_A1_what_is_not_defined_is_missing(tiny: Model, tmp_path: Path) -> None:
    found = compare_runs(bundle(tiny, tmp_path / "a", side(1)), bundle(tiny, tmp_path / "b", side(2)))
    for metric in ("recall", "f1", "macro_f1", "average_precision", "auc"):
        one = find(found, "advice", metric)
        assert (one.a, one.b, one.difference, one.low, one.high, one.share) == (None,) * 6
        assert one.n == N
    assert find(found, "advice", "brier").difference is not None


OTHERS: dict[str, HeldOut] = {
    "digest": side(1, digest="fedcba9876543210"),
    "fewer": side(
        1,
        proba=side(1).proba[:-1],
        labels=side(1).labels[:-1],
        groups=side(1).groups[:-1],
    ),
    "labels": side(1, labels=1 - np.abs(side(1).labels)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_A7_other_posts_or_labels_are_refused(name: str, tiny: Model, tmp_path: Path) -> None:
    a, b = bundle(tiny, tmp_path / "a", side(1)), bundle(tiny, tmp_path / "b", OTHERS[name])
    with pytest.raises(ScoresMismatch, match="not measured on the same posts(?s:.*)nothing was compared") as caught:
        compare_runs(a, b)
    assert f"{N:,} test posts" in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_run_without_what_is_compared_is_an_error_of_the_model(tiny: Model, tmp_path: Path) -> None:
    a, b = bundle(tiny, tmp_path / "a", side(1)), bundle(tiny, tmp_path / "b", None)
    with pytest.raises(ModelFormatError, match="train it again"):
        compare_runs(a, b)
    shutil.rmtree(b)
    with pytest.raises(ModelFormatError, match="not a koudai bundle"):
        compare_runs(a, b)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=14))
def test_groups_join_what_either_joins_and_nothing_else(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    found = joined_groups(left, right)
    assert (found[:, None] == found[None, :]).tolist() == _reached(left, right).tolist()


def _reached(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
    near = (left[:, None] == left[None, :]) | (right[:, None] == right[None, :])
    for _ in range(len(left)):
        near = near | ((near.astype(int) @ near.astype(int)) > 0)
    return near


def test_runs_without_a_category_in_common_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one = side(1)
    other = replace(one, categories=tuple(f"other.{key}" for key in one.categories))
    monkeypatch.setattr("koudai.training.compare.read_held_out", lambda path: one if path.name == "a" else other)
    with pytest.raises(ScoresMismatch, match="no category in common"):
        compare_runs(Path("a"), Path("b"))
