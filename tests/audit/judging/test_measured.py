"""Figures with intervals: by hand, by design, and as often around the truth as they promise in a small simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from koudai.audit.judging.measured import all_measured, measured
from koudai.training.intervals import wilson
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.linear import LINEAR, RANKED
from koudai.training.judging.measured import CONFUSION, FEWEST, enough
from tests.audit.judging.posts import judged, stratified

NAMES = (*LINEAR, *CONFUSION)


def counted(tp: int, fp: int, fn: int, tn: int) -> JudgedPosts:
    y = np.repeat([1.0, 0.0, 1.0, 0.0], (tp, fp, fn, tn))
    tagged = np.repeat([True, True, False, False], (tp, fp, fn, tn))
    return JudgedPosts(y, tagged * 0.6 + 0.2, tagged, np.arange(len(y)), np.arange(len(y)))


def test_A4_shares_of_independent_posts_have_wilsons_interval() -> None:
    found = all_measured(counted(30, 10, 20, 140), NAMES)
    assert found["precision"][:3] == wilson(30, 40)
    assert found["recall"][:3] == wilson(30, 50)
    assert found["false_positives"][:3] == wilson(10, 200)
    assert [found[name].n for name in ("precision", "recall", "f1", "brier")] == [40, 50, 60, 200]


def test_A4_f1_is_that_of_the_share_of_hits_among_hits_and_errors() -> None:
    found = measured(counted(30, 10, 20, 140), "f1")
    value, low, high = wilson(30, 60)
    assert value is not None
    assert low is not None
    assert high is not None
    assert found[:3] == pytest.approx([2 * one / (1 + one) for one in (value, low, high)])
    assert found.value == pytest.approx(60 / 90)


def test_copies_in_one_cluster_do_not_narrow_an_interval() -> None:
    alone, copied = (all_measured(judged(100, copies=times), NAMES) for times in (1, 5))
    for name in NAMES:
        assert copied[name].value == pytest.approx(alone[name].value), name
        ends = [found[name].high - found[name].low for found in (alone, copied)]  # type: ignore[operator]
        assert ends[1] > 0.8 * ends[0], name


def test_A1_no_label_no_tag_no_class_gives_no_figure() -> None:
    nobody = counted(0, 0, 0, 30)
    found = all_measured(nobody, NAMES)
    for name in ("precision", "recall", "f1", "average_precision", "auc"):
        assert found[name].value is None, name
    assert found["true_negatives"].value == 1.0
    assert measured(counted(0, 0, 5, 0), "recall").value == 0.0


def test_below_ten_posts_of_a_class_figures_of_ranking_have_no_interval() -> None:
    for tp, tn in ((FEWEST - 1, 90), (90, FEWEST - 1)):
        found = all_measured(counted(tp, 0, 0, tn), RANKED)
        assert all(one.value is not None and one.low is None for one in found.values())
    repeated = replace(counted(30, 0, 0, 90), cluster=np.arange(120) // 6)
    assert enough(repeated)[0] == 5
    assert measured(repeated, "auc").low is None


def test_perfect_order_still_leaves_room_below() -> None:
    found = all_measured(counted(30, 0, 0, 90), RANKED)
    for name in ("auc", "average_precision"):
        assert found[name].value == 1.0
        assert found[name].low is not None
        assert 0.7 < found[name].low < 0.99
        assert found[name].high == 1.0


def test_A4_a_sample_stands_for_all_posts() -> None:
    source, y = stratified()
    posts = source.posts(source.said)
    assert posts is not None
    assert float(posts.weight.sum()) == pytest.approx(1.0)
    found = all_measured(posts, NAMES)
    assert sum(found[name].value or 0 for name in CONFUSION) == pytest.approx(1.0)
    assert {one.kind for one in found.values()} == {"design-based"}
    assert found["precision"].value == pytest.approx(
        (found["true_positives"].value or 0) / float(source.said.tagged.mean())
    ), "the share that is tagged is known"
    for one in found.values():
        assert one.low is not None
        assert one.value is not None
        assert one.high is not None
        assert 0 <= one.low <= one.value <= one.high <= 1


def test_every_post_labelled_leaves_nothing_to_infer() -> None:
    source, y = stratified()
    whole = replace(source, y=y).posts(source.said)
    assert whole is not None
    found = all_measured(whole, (*CONFUSION, "precision", "recall", "f1"))
    every = all_measured(replace(whole, cells=None), tuple(found))
    for name, one in found.items():
        assert one.value == pytest.approx(every[name].value)
        assert (one.low, one.high) == pytest.approx((one.value, one.value), abs=1e-5)


@pytest.mark.slow
def test_intervals_of_a_sample_hold_the_truth_as_often_as_they_say() -> None:
    held = dict.fromkeys(NAMES, 0)
    draws = 60
    for seed in range(draws):
        source, y = stratified(seed)
        posts, rows = source.posts(source.said), np.arange(len(y))
        assert posts is not None
        truth = JudgedPosts(y, source.said.p, source.said.tagged, rows, rows)
        expected = {name: one.value for name, one in all_measured(truth, NAMES).items()}
        for name, one in all_measured(posts, NAMES).items():
            assert one.low is not None
            assert one.high is not None
            held[name] += one.low <= (expected[name] or 0) <= one.high
    assert all(times / draws >= 0.87 for times in held.values()), held
