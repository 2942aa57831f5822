"""Figures of labelled posts: the mean of two F1 by hand, the interval of an AUC, and none where there is nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from koudai.training.intervals import clustered_wilson
from koudai.training.judging.judged import JudgedPosts
from koudai.training.judging.measured import Measured, auc_interval, counted_figure, interval_of_mean, ranked_figure


def posts(tp: int, fp: int, fn: int, tn: int) -> JudgedPosts:
    y = np.repeat([1.0, 0.0, 1.0, 0.0], (tp, fp, fn, tn))
    tagged = np.repeat([True, True, False, False], (tp, fp, fn, tn))
    return JudgedPosts(y, tagged * 0.6 + 0.2, tagged, np.arange(len(y)), np.arange(len(y)) // 2)


def test_accuracy_is_a_share_of_posts() -> None:
    of = posts(30, 10, 20, 140)
    right = np.repeat([True, False, True], (30, 30, 140))
    assert counted_figure(of, "accuracy")[:3] == clustered_wilson(right, of.cluster)[:3]


def test_the_mean_of_two_f1_lies_in_an_interval_of_what_both_have_together() -> None:
    of = posts(30, 10, 20, 140)
    other = JudgedPosts(1 - of.y, of.p, ~of.tagged, of.row, of.cluster)
    mean, one, two = counted_figure(of, "macro_f1"), counted_figure(of, "f1"), counted_figure(other, "f1")
    ends = [(each.value, each.low, each.high) for each in (mean, one, two)]
    (value, low, _), (a, a_low, _), (b, b_low, _) = ends
    assert None not in (value, low, a, a_low, b, b_low)
    assert value == pytest.approx((60 / 90 + 280 / 310) / 2)
    less = a - a_low, b - b_low  # type: ignore[operator]
    assert math.hypot(*less) / 2 < value - low < sum(less) / 2, "both rise where more is right"  # type: ignore[operator]


def test_of_parts_that_are_one_the_mean_is_as_unsure_as_each_and_of_others_less() -> None:
    one = Measured(0.5, 0.4, 0.7, "wilson", 100)
    assert interval_of_mean([one, one], np.ones((2, 2))) == pytest.approx((0.4, 0.7))
    assert interval_of_mean([one, one], np.eye(2)) == pytest.approx((0.5 - 0.1 / 2**0.5, 0.5 + 0.2 / 2**0.5))
    assert interval_of_mean([one, one._replace(low=None, high=None)], np.eye(2)) == (None, None)


def test_A1_of_one_class_there_is_no_mean_and_of_few_posts_no_interval_of_a_ranking() -> None:
    assert counted_figure(posts(5, 0, 5, 0), "macro_f1").value is None
    few = ranked_figure(posts(8, 2, 8, 60), "auc")
    assert few.value is not None
    assert few.low is None


def test_auc_interval_by_hand() -> None:
    # Hanley-McNeil at .9 with 50 and 150: .00068; seen .0009, of which 50 posts are believed to 10 in 11 parts
    low, high = auc_interval(0.9, 0.0009, 50.0, 150.0)
    assert (low, high) == pytest.approx((0.821, 0.944), abs=2e-3)
    assert auc_interval(0.9, 0.0018, 50.0, 150.0)[0] < low
