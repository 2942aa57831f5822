"""The alternative-annotator test: against the paper's definitions with scipy's t, and what always no gets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, ttest_1samp

from koudai.audit.alternative import QUANTITIES, AlternativeTest


def drawn(
    n: int, *, share: float, right: tuple[float, float], seed: int, people: int = 3, gaps: float = 0.0
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return labels of people who err (sensitivity, specificity), of a machine like them, and the truth."""
    random = np.random.default_rng(seed)
    true = (random.random(n) < share).astype(np.int64)
    sure = np.where(true[:, None] == 1, *right)
    said = np.where(random.random((n, people + 1)) < sure, true[:, None], 1 - true[:, None])
    said[:, :people][random.random((n, people)) < gaps] = -1
    return said[:, :people], said[:, people], true


def by_the_paper(people: NDArray[Any], machine: NDArray[Any], epsilon: float) -> tuple[float, float, list[float]]:
    """Return ω, ρ and p-values by the definitions, post by post."""
    p, rho = [], []
    for j in range(people.shape[1]):
        wins, losses = [], []
        for i in range(len(people)):
            others = [int(h) for k, h in enumerate(people[i]) if k != j and h >= 0]
            if people[i, j] < 0 or not others:
                continue
            f, h = (sum(said == one for one in others) / len(others) for said in (machine[i], people[i, j]))
            wins.append(float(f >= h))
            losses.append(float(h >= f))
        p.append(float(ttest_1samp(np.array(losses) - wins, epsilon, alternative="less").pvalue))
        rho.append(float(np.mean(wins)))
    adjusted = false_discovery_control(p, method="by")
    return float((adjusted <= 0.05).mean()), float(np.mean(rho)), adjusted.tolist()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("people", "gaps", "share"), [(3, 0.0, 0.5), (5, 0.3, 0.2), (2, 0.0, 0.4)])
def test_it_is_the_papers_where_each_post_stands_alone_and_for_one(
    seed: int, people: int, gaps: float, share: float
) -> None:
    said, machine, _ = drawn(120, share=share, right=(0.8, 0.9), seed=seed, people=people, gaps=gaps)
    found = AlternativeTest(said, machine, np.arange(120))
    omega, rho, p = by_the_paper(said, machine, 0.1)
    won = found.winning(epsilon=0.1)
    assert (won.rate, won.tested) == (pytest.approx(omega), people)
    assert won.p == pytest.approx(p, abs=1e-9)
    assert found.mean("advantage").value == pytest.approx(rho)


def test_by_hand() -> None:
    """Two posts, three people. Post 1: 1 1 0, the machine 1: of those left out, the first agrees with half of the
    others, as the machine does; so does the second; the third with none of them, the machine with both. Post 2: all 0,
    the machine 1: all lose nothing, the machine everything.
    """
    found = AlternativeTest(np.array([[1, 1, 0], [0, 0, 0]]), np.array([1, 1]), np.arange(2))
    said = {name: found.mean(name).value for name in QUANTITIES}
    assert said["advantage"] == pytest.approx((0.5 + 0.5 + 0.5) / 3)
    assert said["people_advantage"] == pytest.approx((1 + 1 + 0.5) / 3)
    assert said["people_disagreement"] == pytest.approx((0.25 + 0.25 + 0.5) / 3)
    assert said["disagreement"] == pytest.approx((0.75 + 0.75 + 0.5) / 3)
    assert said["more_disagreement"] == pytest.approx(1 / 3)
    assert found.winning(epsilon=0.1).rate is None, "two posts are too few"


def test_always_no_passes_in_a_rare_category_and_not_where_both_labels_count_alike() -> None:
    """A category of 5 %, three people who find 90 % of it and are right on 98 % of the rest, 500 posts."""
    passed = np.zeros((2, 2))
    for seed in range(60):
        said, machine, _ = drawn(500, share=0.05, right=(0.9, 0.98), seed=seed)
        for row, who in enumerate((np.zeros_like(machine), machine)):
            for column, balanced in enumerate((False, True)):
                won = AlternativeTest(said, who, np.arange(500), balanced=balanced).winning(epsilon=0.1)
                passed[row, column] += won.rate is not None and won.rate >= 0.5
    assert passed[0, 0] >= 58, "a machine that says no to everything is as good as a person"
    assert passed[0, 1] == 0
    assert passed[1, 0] >= 58
    assert passed[1, 1] >= 20, "a machine as good as they are is found in some"


def test_balanced_posts_are_those_on_which_the_others_have_a_majority() -> None:
    people = np.array([[1, 1, 1]] * 10 + [[0, 0, 0]] * 90 + [[1, 0, 1]] * 5)
    never = AlternativeTest(people, np.zeros(105, dtype=np.int64), np.arange(105), balanced=True)
    assert never.mean("people_advantage").value == 1
    assert never.mean("advantage").value == pytest.approx((0.5 + 0.5 + (0.5 + (5 / 15) / 2)) / 3)
    only = AlternativeTest(people[:10], np.ones(10, dtype=np.int64), np.arange(10), balanced=True)
    assert only.mean("advantage") == (None, None, None, None, 0), "nobody says no"


def test_posts_of_one_cluster_count_as_one_and_weights_as_so_many_posts() -> None:
    said, machine, _ = drawn(60, share=0.4, right=(0.8, 0.9), seed=1)
    once = AlternativeTest(said, machine, np.arange(60))
    twice = AlternativeTest(*(np.repeat(one, 2, axis=0) for one in (said, machine, np.arange(60))))
    assert twice.winning(epsilon=0.1).p == pytest.approx(once.winning(epsilon=0.1).p)
    for name in QUANTITIES:
        assert twice.mean(name)[:3] == pytest.approx(once.mean(name)[:3]), name
    heavy = AlternativeTest(said, machine, np.arange(60), weight=np.where(np.arange(60) < 30, 2.0, 1.0))
    rows = [*range(60), *range(30)]
    assert heavy.mean("advantage").value == pytest.approx(
        AlternativeTest(said[rows], machine[rows], np.array(rows)).mean("advantage").value
    )
    one = AlternativeTest(said, machine, np.zeros(60, dtype=np.int64)).mean("advantage")
    assert (one.low, one.kind) == (None, "none, one cluster")


def test_nothing_is_said_of_annotators_who_never_overlap() -> None:
    said = np.where(np.arange(3) == (np.arange(90) % 3)[:, None], 1, -1)
    found = AlternativeTest(said, np.ones(90, dtype=np.int64), np.arange(90))
    assert found.winning(epsilon=0.1) == (None, 0, ())
    assert found.mean("disagreement").n == 0


@pytest.mark.parametrize(("machine", "value"), [(1, 0.0), (0, 1.0)])
def test_a_difference_that_no_post_varies_in_has_an_interval_of_some_width(machine: int, value: float) -> None:
    people = np.ones((90, 3), dtype=np.int64)
    found = AlternativeTest(people, np.full(90, machine), np.arange(90)).mean("more_disagreement")
    alone = AlternativeTest(people, np.ones(90, dtype=np.int64), np.arange(90)).mean("disagreement")
    assert found.value == value
    assert alone.high is not None
    assert alone.high > 0.03
    assert (found.low, found.high) == pytest.approx((value - alone.high, min(value + alone.high, 1.0)))
