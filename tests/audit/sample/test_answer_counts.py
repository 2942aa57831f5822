"""Answers of people who err: counted right, and EM as a plain one in loops comes to it."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.sample.answer_counts import Rates, count_answers, first_rates, fitted
from tests.audit.sample.erring import people

SIZE = np.array([800.0, 150.0, 50.0])


def plain_em(
    stratum: np.ndarray, answers: np.ndarray, gold: np.ndarray, rounds: int = 4000
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of strata, and of each rater the probability of a yes of posts that are out and in: post by
    post, nothing shared with the package.
    """
    strata = int(stratum.max()) + 1
    share = np.full(strata, 0.3)
    yes = np.array([[0.05, 0.85]] * len(answers))
    for _ in range(rounds):
        inside = []
        for post, h in enumerate(stratum.tolist()):
            if gold[post] >= 0:
                inside.append(float(gold[post]))
                continue
            one, other = share[h], 1 - share[h]
            for rater, said in enumerate(answers[:, post].tolist()):
                if said >= 0:
                    other *= yes[rater, 0] if said else 1 - yes[rater, 0]
                    one *= yes[rater, 1] if said else 1 - yes[rater, 1]
            inside.append(one / (one + other))
        tau = np.array(inside)
        share = np.array([tau[stratum == h].mean() for h in range(strata)])
        for rater, said in enumerate(answers):
            known = said >= 0
            yes[rater] = [(w[known] * said[known]).sum() / w[known].sum() for w in (1 - tau, tau)]
    return share, yes


@pytest.mark.parametrize("kind", ["three", "two with gold", "one with gold"])
def test_the_rates_are_those_of_a_plain_em(kind: str) -> None:
    stratum, _, answers, gold = people(150, raters={"three": 3, "two with gold": 2}.get(kind, 1), seed=4)
    gold = np.full_like(gold, -1) if kind == "three" else gold
    if kind != "one with gold":
        answers[1, ::3] = -1
    share, yes = plain_em(stratum, answers, gold, rounds=600)
    counts = count_answers(stratum, answers, gold, size=SIZE)
    found = fitted(counts, first_rates(counts, 0.85, 0.95))
    assert found.inside[0] == pytest.approx(share, abs=2e-3)
    assert pytest.approx(yes, abs=2e-3) == found.answer[0, :, :, 1].T
    told = Rates(share[None], np.stack([1 - yes.T, yes.T], axis=-1)[None])
    assert counts.log_likelihood(found)[0] >= counts.log_likelihood(told)[0] - 1e-4


def test_every_post_is_counted_once_whatever_is_known_of_it() -> None:
    stratum, _, answers, gold = people(300, raters=2, seed=1)
    counts = count_answers(stratum, answers, gold, size=SIZE)
    assert counts.posts[0].tolist() == np.bincount(stratum).tolist()
    assert counts.known[0].sum(axis=(1, 2)).tolist() == [(gold == 0).sum(), (gold == 1).sum()]
    order = np.random.default_rng(2).permutation(300)
    again = count_answers(stratum[order], answers[:, order], gold[order], size=SIZE)
    assert np.array_equal(counts.unknown, again.unknown)
    assert np.array_equal(counts.known, again.known)


def test_a_step_never_makes_answers_less_likely_and_a_share_that_is_asked_for_is_had() -> None:
    stratum, _, answers, _ = people(400, raters=3, seed=2)
    counts = count_answers(stratum, np.stack([answers, 1 - answers, answers[::-1]]), size=SIZE)
    for share in (None, np.array([0.02, 0.5, 0.9])):
        rates = counts.step(first_rates(counts, 0.7, 0.8), share)
        before = counts.log_likelihood(rates)
        for _ in range(40):
            rates = counts.step(rates, share)
            after = counts.log_likelihood(rates)
            assert (after >= before - 1e-3).all()
            before = after
        if share is not None:
            assert rates.inside @ counts.share == pytest.approx(share, rel=1e-3)
    free = counts.log_likelihood(fitted(counts, first_rates(counts, 0.85, 0.95)))
    held = counts.log_likelihood(fitted(counts, first_rates(counts, 0.85, 0.95), np.array([0.02, 0.5, 0.9])))
    assert (held <= free + 1e-3).all()


def test_a_hundred_people_who_contradict_one_another_are_no_end_of_numbers() -> None:
    stratum, _, answers, _ = people(60, raters=100, seed=9)
    answers[50:, 0], answers[:50, 0] = 1, 0
    counts = count_answers(stratum, answers, size=SIZE)
    found = fitted(counts, first_rates(counts, 0.99, 0.999))
    assert np.isfinite(counts.log_likelihood(found)).all()
    assert np.isfinite(found.inside).all()
