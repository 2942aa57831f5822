"""Rashomon sets: counts by hand, by loops over posts and models, what must not change them (A4, A5), which models a
paired test leaves out, and how often the intervals hold what is true of all models there could be (A2).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from koudai.audit.trying.rashomon import STATISTICS, SplitPosts, Verdicts, as_good, disagreement, f1_loss, furthest

NAN = float("nan")
BY_HAND = Verdicts(
    reference=np.array([True, True, False, False]),
    tags=np.array([[1, 1, 0, 0], [1, 0, 0, 1], [1, 0, 0, 0], [1, 0, 1, 0]], dtype=bool),
    reference_proba=np.array([0.9, 0.6, 0.3, NAN]),
    proba=np.array([[0.9, 0.7, 0.2, NAN], [0.8, 0.4, 0.1, 0.9], [0.9, 0.3, 0.2, 0.1], [0.9, 0.2, 0.6, 0.1]]),
    groups=np.array([0, 1, 2, 2]),
)


def drawn(seed: int, models: int, posts: int) -> Verdicts:
    random = np.random.default_rng(seed)
    proba, own = random.random((models, posts)), random.random(posts)
    return Verdicts(own > 0.5, proba > 0.5, own, proba, random.integers(0, max(1, posts // 2), posts))


def test_A4_four_posts_and_four_models_by_hand() -> None:
    found = {name: value for name, (value, _, _) in disagreement([SplitPosts(BY_HAND, furthest(BY_HAND))]).items()}
    assert furthest(BY_HAND) == 1
    assert found == {
        "self_consistency": pytest.approx((1 + 0.5 + 0.5 + 0.5) / 4),  # 1 of 4 models: 1 − 2·1·3/(4·3)
        "ambiguity": 3 / 4,  # the second, third and fourth post
        "discrepancy": 2 / 4,  # of the second model
        "arbitrariness": 3 / 4,
        "flip_rate": pytest.approx((0 + 3 + 1 + 1) / 16),
        "prediction_range": pytest.approx((0.1 + 0.5 + 0.5 + 0.8) / 4),
    }


def test_models_that_agree_against_the_reference_are_ambiguous_and_not_arbitrary() -> None:
    verdicts = Verdicts(
        np.array([True]), np.array([[False], [False]]), np.array([0.6]), np.array([[0.4], [0.4]]), np.array([0])
    )
    found = disagreement([SplitPosts(verdicts, 0)])
    assert (found["ambiguity"][0], found["arbitrariness"][0], found["flip_rate"][0]) == (1.0, 0.0, 1.0)
    assert found["self_consistency"][0] == 1.0


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 7), st.integers(1, 30))
def test_A4_loops_over_posts_and_models_count_the_same(seed: int, models: int, posts: int) -> None:
    v = drawn(seed, models, posts)
    differ = [[bool(v.tags[h, i]) != bool(v.reference[i]) for i in range(posts)] for h in range(models)]
    pairs = [(a, b) for a in range(models) for b in range(a)]
    unlike = [[bool(v.tags[a, i] != v.tags[b, i]) for a, b in pairs] for i in range(posts)]
    spans = [
        max([v.reference_proba[i], *v.proba[:, i]]) - min([v.reference_proba[i], *v.proba[:, i]]) for i in range(posts)
    ]
    which = max(range(models), key=lambda h: (sum(differ[h]), -h))
    expected = {
        "self_consistency": 1 - sum(sum(row) / len(pairs) for row in unlike) / posts,
        "ambiguity": sum(any(row[i] for row in differ) for i in range(posts)) / posts,
        "discrepancy": sum(differ[which]) / posts,
        "arbitrariness": sum(map(any, unlike)) / posts,
        "flip_rate": sum(map(sum, differ)) / (posts * models),
        "prediction_range": sum(spans) / posts,
    }
    found = disagreement([SplitPosts(v, furthest(v))])
    for name, value in expected.items():
        assert found[name][0] == pytest.approx(value)
    assert found["discrepancy"][0] <= found["ambiguity"][0] + 1e-12
    assert found["arbitrariness"][0] <= found["ambiguity"][0]


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_A5_order_of_posts_and_of_models_and_doubled_rows_change_nothing(seed: int) -> None:
    v, random = drawn(seed, 5, 24), np.random.default_rng(seed)
    expected = disagreement([SplitPosts(v, 3)])
    rows, models = random.permutation(24), random.permutation(5)
    mixed = v.of(rows)
    mixed = Verdicts(mixed.reference, mixed.tags[models], mixed.reference_proba, mixed.proba[models], mixed.groups)
    for cell in (
        SplitPosts(mixed, int(np.flatnonzero(models == 3)[0])),
        SplitPosts(v.of(np.tile(np.arange(24), 2)), 3),
    ):
        found = disagreement([cell])
        for name in STATISTICS:
            assert found[name] == pytest.approx(expected[name]), name


def halves(v: Verdicts) -> list[SplitPosts]:
    first = np.arange(len(v.reference)) % 2 == 0
    return [SplitPosts(v.of(first), 0), SplitPosts(v.of(~first), 1)]


def test_A4_several_splits_are_averaged_over_their_posts() -> None:
    v = drawn(3, 4, 31)
    parts = [{name: value for name, (value, _, _) in disagreement([cell]).items()} for cell in halves(v)]
    for name, (value, low, high) in disagreement(halves(v)).items():
        assert value == pytest.approx((16 * (parts[0][name] or 0) + 15 * (parts[1][name] or 0)) / 31)
        assert low is not None
        assert high is not None
        assert low <= value <= high


def test_A2_fewer_clusters_and_fewer_splits_make_wider_intervals() -> None:
    v = drawn(8, 6, 200)
    few = Verdicts(v.reference, v.tags, v.reference_proba, v.proba, np.arange(200) // 20)
    alone = Verdicts(v.reference, v.tags, v.reference_proba, v.proba, np.arange(200))

    def width(cells: list[SplitPosts]) -> float:
        _, low, high = disagreement(cells)["self_consistency"]
        assert low is not None
        assert high is not None
        return high - low

    assert width([SplitPosts(few, 0)]) != width([SplitPosts(alone, 0)])
    bad = Verdicts(~v.reference, v.tags & False, v.reference_proba, v.proba, np.arange(200) + 200)
    assert width([SplitPosts(alone, 0), SplitPosts(bad, 0)]) > width([SplitPosts(alone, 0)])


def made_up(random: np.random.Generator, posts: int, models: int, splits: int) -> tuple[list[SplitPosts], float]:
    """Return splits in which a share of all models of its own tags each post, and what is true of all there could be.

    That is the mean of 1 − 2π(1 − π) for π from Beta(0.5, 0.5), which is 0.75.
    """
    cells = []
    for split in range(splits):
        share = random.beta(0.5, 0.5, posts)
        tags = random.random((models, posts)) < share
        groups = np.arange(posts) + split * posts
        proba = np.full((models, posts), 0.5)
        cells.append(SplitPosts(Verdicts(share > 0.5, tags, proba[0], proba, groups), 0))
    return cells, 0.75


@pytest.mark.slow
@pytest.mark.parametrize("posts", [15, 60])
def test_A2_intervals_of_self_consistency_hold_what_is_true_of_all_models(posts: int) -> None:
    random, held, values = np.random.default_rng(0), 0, []
    for _ in range(200):
        cells, truth = made_up(random, posts, 12, 8)
        value, low, high = disagreement(cells)["self_consistency"]
        assert value is not None
        assert low is not None
        assert high is not None
        values.append(value)
        held += low <= truth <= high
    assert np.mean(values) == pytest.approx(0.75, abs=0.01)
    assert 0.9 <= held / 200 <= 0.99


def labelled(random: np.random.Generator, n: int, *errs: float) -> tuple[Verdicts, NDArray[np.int8]]:
    """Return models, the first of them the reference, that err on so large a share of posts each, and the labels."""
    y = (random.random(n) < 0.4).astype(np.int8)
    tags = np.stack([(y == 1) ^ (random.random(n) < err) for err in errs])
    proba = tags.astype(np.float64)
    return Verdicts(tags[0], tags[1:], proba[0], proba[1:], np.arange(n)), y


@pytest.mark.parametrize("n", [100, 400])
def test_A2_a_model_as_good_as_the_reference_is_left_out_in_one_of_twenty(n: int) -> None:
    random, kept = np.random.default_rng(2), 0
    for _ in range(60):
        v, y = labelled(random, n, *[0.1] * 11)
        kept += int(as_good(v, y, epsilon=0.0).sum())
    assert 0.92 <= kept / 600 <= 0.98


def test_a_model_that_is_much_worse_is_left_out_and_not_where_so_much_is_allowed() -> None:
    v, y = labelled(np.random.default_rng(4), 500, 0.05, 0.3, 0.05)
    assert as_good(v, y, epsilon=0.01).tolist() == [False, True]
    assert as_good(v, y, epsilon=0.5).tolist() == [True, True]


def test_copies_of_a_post_prove_nothing_about_a_model() -> None:
    y, errs = np.repeat([1, 0], 20).astype(np.int8), np.zeros((2, 40), dtype=bool)
    errs[0, [3, 30]], errs[1, [5, 6, 33, 34]] = True, True
    tags = (y == 1) ^ errs
    v = Verdicts(tags[0], tags[1:], tags[0] * 1.0, tags[1:] * 1.0, np.arange(40))
    assert as_good(v, y, epsilon=0.0).all()
    many = np.repeat(np.arange(40), 30)
    copies = Verdicts(v.reference[many], v.tags[:, many], v.reference_proba[many], v.proba[:, many], v.groups[many])
    assert as_good(copies, y[many], epsilon=0.0).all()
    apart = Verdicts(copies.reference, copies.tags, copies.reference_proba, copies.proba, np.arange(1200))
    assert not as_good(apart, y[many], epsilon=0.0).any()


def test_A1_no_posts_or_fewer_than_two_models_give_no_figure() -> None:
    nothing = dict.fromkeys(STATISTICS, (None, None, None))
    assert disagreement([]) == nothing
    assert disagreement([SplitPosts(drawn(1, 3, 9).of(np.zeros(9, bool)), 0)]) == nothing
    for models in (0, 1):
        few = Verdicts(np.ones(2, bool), np.ones((models, 2), bool), np.ones(2), np.ones((models, 2)), np.arange(2))
        assert disagreement([SplitPosts(few, furthest(few))]) == nothing
    v = drawn(1, 3, 9)
    assert as_good(v.of(np.zeros(9, bool)), np.zeros(0, np.int8), epsilon=0.0).tolist() == [False] * 3


def test_the_loss_is_one_less_f1_and_missing_where_f1_is() -> None:
    y = np.array([1, 1, 0, 0], dtype=np.int8)
    assert f1_loss(np.array([True, False, True, False]), y) == pytest.approx(1 - 2 / 4)
    assert f1_loss(np.zeros(4, bool), y) == 1.0
    assert f1_loss(y == 1, y) == 0.0
    assert math.isnan(f1_loss(np.zeros(4, bool), np.zeros(4, np.int8)))
