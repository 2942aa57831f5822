"""The share where annotators err: its interval is the likelihood ratio's, and what is not identified is found out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import stdtrit

from koudai.audit.sample.annotator_errors import likely_shares, starts_meet, strata_differ
from koudai.audit.sample.answer_counts import count_answers
from tests.audit.sample.erring import people

SIZE = np.array([800.0, 150.0, 50.0])


def test_with_every_post_adjudicated_it_is_the_likelihood_ratio_of_a_binomial() -> None:
    truth = np.repeat([0, 1], [190, 10]).astype(np.int8)
    (found,) = likely_shares(count_answers(np.zeros(200, int), truth[None], truth, size=np.array([9000.0])))
    reach = stdtrit(199, 0.975) ** 2

    def costs(p: float) -> float:
        return float(2 * (10 * np.log(0.05 / p) + 190 * np.log(0.95 / (1 - p))) - reach)

    assert found.value == pytest.approx(0.05, abs=1e-4)
    assert found.low == pytest.approx(brentq(costs, 1e-6, 0.05), rel=0.02)
    assert found.high == pytest.approx(brentq(costs, 0.05, 0.5), rel=0.02)


def test_it_is_the_profile_likelihood_of_one_annotator_and_gold() -> None:
    """Against a search over sensitivity and specificity on a grid, in one stratum."""
    _, _, answers, gold = people(400, raters=1, seed=6)
    (found,) = likely_shares(count_answers(np.zeros(400, int), answers, gold, size=np.array([1e6])))
    said, known = answers[0], gold >= 0
    open_yes, open_no = (said[~known] == 1).sum(), (said[~known] == 0).sum()
    cell = {(y, s): ((gold == y) & (said == s)).sum() for y in (0, 1) for s in (0, 1)}
    se, fp = np.meshgrid(np.linspace(0.3, 0.9999, 900), np.linspace(1e-4, 0.4, 900))

    def best(p: float) -> float:
        yes = p * se + (1 - p) * fp
        gold_part = cell[1, 1] * np.log(p * se) + cell[1, 0] * np.log(p * (1 - se))
        gold_part += cell[0, 1] * np.log((1 - p) * fp) + cell[0, 0] * np.log((1 - p) * (1 - fp))
        return float((open_yes * np.log(yes) + open_no * np.log(1 - yes) + gold_part).max())

    top, reach = best(found.value), stdtrit(399, 0.975) ** 2
    for end in (found.low, found.high):
        assert 2 * (top - best(end)) == pytest.approx(reach, rel=0.06)
    assert all(best(found.value + step) <= top + 1e-3 for step in (-0.01, 0.01))


@pytest.mark.slow
def test_samples_together_are_as_each_alone_and_the_order_of_people_does_not_matter() -> None:
    made = [people(300, seed=seed) for seed in (1, 2)]
    together = likely_shares(count_answers(made[0][0], np.stack([one[2] for one in made]), size=SIZE))
    for one, found in zip(made, together, strict=True):
        for answers in (one[2], one[2][::-1]):
            (alone,) = likely_shares(count_answers(one[0], answers, size=SIZE))
            assert alone[:3] == pytest.approx(found[:3], rel=2e-2, abs=1e-4)
        assert found.low < found.value < found.high


@pytest.mark.slow
def test_one_share_comes_of_three_and_of_two_over_strata_but_not_of_two_alone() -> None:
    stratum, truth, answers, _ = people(900, seed=3)
    real = np.array([truth[stratum == h].mean() for h in range(3)]) @ SIZE / SIZE.sum()
    for raters in (3, 2):
        counts = count_answers(stratum, answers[:raters], size=SIZE)
        found = likely_shares(counts)
        assert starts_meet(counts, found).all()
        assert strata_differ(counts).all()
        assert found[0].low < real < found[0].high
    counts = count_answers(np.zeros(900, int), answers[:2], size=SIZE.sum(keepdims=True))
    assert not starts_meet(counts, likely_shares(counts)).any()
    mixed = count_answers(np.arange(900) // 3 % 3, answers[:2], size=SIZE)
    assert not strata_differ(mixed).any()


@pytest.mark.parametrize("said", [0, 1])
def test_where_nobody_or_everybody_is_in_the_interval_is_open(said: int) -> None:
    counts = count_answers(np.zeros(60, int), np.full((3, 60), said, np.int8), size=np.array([900.0]))
    (found,) = likely_shares(counts)
    assert found.low <= found.value <= found.high
    assert found.high - found.low > 0.02
    assert abs(found.value - said) < 1e-3
