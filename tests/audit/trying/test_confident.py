"""Confident learning: the joint by hand and against loops over posts (A4), and labels of known probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from koudai.audit.trying.confident import (
    confident_joint,
    disagreement_by_chance,
    disagreement_of,
    flagged,
    scaled,
)

POSTS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20).map(lambda k: k / 20)), min_size=1, max_size=30)
quick = settings(derandomize=True, deadline=None, max_examples=100)


def joint_by_loops(rows: list[tuple[int, float]]) -> list[list[int]]:
    """Northcutt, Jiang & Chuang 2021, equations 1 and 2, one post at a time."""
    given_as = {j: [row for row in rows if row[0] == j] for j in (0, 1)}
    least = {j: sum(p if j else 1 - p for _, p in posts) / len(posts) for j, posts in given_as.items() if posts}
    joint = [[0, 0], [0, 0]]
    for y, p in rows:
        reached = [((p if j else 1 - p), -j, j) for j in least if (p if j else 1 - p) >= least[j]]
        if reached:
            joint[y][max(reached)[2]] += 1
    return joint


def arrays(rows: list[tuple[int, float]]) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    return np.array([y for y, _ in rows], dtype=np.int8), np.array([p for _, p in rows])


def test_A4_the_joint_by_hand() -> None:
    """t₁ = (0.9 + 0.8 + 0.1)/3 = 0.6, t₀ = (0.9 + 0.8 + 0.3)/3 = 0.667: the third of either is of the other side."""
    rows = [(1, 0.9), (1, 0.8), (1, 0.1), (0, 0.1), (0, 0.2), (0, 0.7)]
    y, p = arrays(rows)
    assert confident_joint(y, p).tolist() == [[2, 1], [1, 2]]
    assert flagged(y, p).tolist() == [False, False, True, False, False, True]
    joint = scaled(np.array([[2.0, 1.0], [0.0, 2.0]]), np.array([30.0, 10.0]))
    assert joint.tolist() == [[pytest.approx(0.5), pytest.approx(0.25)], [0, pytest.approx(0.25)]]


@quick
@every(POSTS)
def test_A4_the_joint_against_loops(rows: list[tuple[int, float]]) -> None:
    y, p = arrays(rows)
    near = [abs((p if j else 1 - p) - t) for t, j in _thresholds(rows) for _, p in rows]
    if min(near, default=1.0) < 1e-12:
        return  # on the very edge rounding decides
    joint = confident_joint(y, p)
    assert joint.tolist() == joint_by_loops(rows)
    assert int(flagged(y, p).sum()) == joint[0, 1] + joint[1, 0]


def _thresholds(rows: list[tuple[int, float]]) -> list[tuple[float, int]]:
    found = []
    for j in (0, 1):
        own = [p if j else 1 - p for y, p in rows if y == j]
        found += [(sum(own) / len(own), j)] if own else []
    return found


@quick
@every(POSTS)
def test_A5_order_and_copies_leave_the_estimate(rows: list[tuple[int, float]]) -> None:
    y, p = arrays(rows)

    def estimate(y: NDArray[np.int8], p: NDArray[np.float64]) -> NDArray[np.float64]:
        return scaled(confident_joint(y, p), np.array([(y == 0).sum(), (y == 1).sum()], dtype=float))

    once = estimate(np.repeat(y, 4), np.repeat(p, 4))
    assert once == pytest.approx(estimate(np.repeat(y[::-1], 4), np.repeat(p[::-1], 4)), abs=1e-9)
    assert once.sum() == pytest.approx(1)


def test_where_no_label_is_wrong_the_figure_is_what_is_said_of_it() -> None:
    """Labels of known probabilities, none wrong: disagreement is far above 0, and inside its range by chance."""
    random, inside, values = np.random.default_rng(4), 0, []
    for _ in range(40):
        p = random.beta(1.0, 1.0, 400)
        y = (random.random(400) < p).astype(np.int8)
        drawn = disagreement_by_chance(p, np.arange(400), random, draws=60)[:, 0]
        values.append(disagreement_of(y, p)[0])
        low, high = np.percentile(drawn, [2.5, 97.5])
        inside += low <= values[-1] <= high
    assert np.mean(values) > 0.1
    assert 34 <= inside <= 40


def test_near_duplicates_are_labelled_together_by_chance_too() -> None:
    p, random = np.full(200, 0.4), np.random.default_rng(1)
    apart = disagreement_by_chance(p, np.arange(200), random, draws=200)[:, 0]
    together = disagreement_by_chance(p, np.arange(200) // 50, random, draws=200)[:, 0]
    assert together.std() > apart.std()
