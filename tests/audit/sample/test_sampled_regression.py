"""Logistic regression from a sample: with labels alone that of R's survey (A4), with the model the regression of a
pseudo-outcome on all posts; a useless model is left out.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from koudai.audit.sample.domains import SampledLabels
from koudai.audit.sample.estimate import Population
from koudai.audit.sample.sampled_regression import sampled_regression
from tests.audit.sample import simulated
from tests.audit.sample.test_domains import PLATFORMS, as_population, of, places, survey


def terms_of_platforms(n: int) -> np.ndarray:
    place = places("platform", PLATFORMS, n)
    month = np.r_[of("month"), np.full(n - len(of("month")), 3.0)]
    terms = np.stack([np.ones(n), place == 2, place == 3, month], axis=1).astype(np.float64)
    terms[place == 1] = 0.0  # without tieba
    return terms


def test_A4_labels_alone_are_the_logistic_regression_of_r_survey() -> None:
    figures = survey()[1]
    population, post = as_population()
    n, labels = len(population.f), SampledLabels(post, of("rumour"))
    length = np.r_[of("log_length"), np.full(n - len(post), 4.0)]
    month = np.r_[of("month"), np.full(n - len(post), 3.0)]
    for method, terms, names in (
        (
            "svyglm quasibinomial without tieba",
            terms_of_platforms(n),
            ("(Intercept)", "platformwechat", "platformweibo", "month"),
        ),
        ("svyglm quasibinomial", np.stack([np.ones(n), month, length], axis=1), ("(Intercept)", "month", "log_length")),
    ):
        found = sampled_regression(population, labels, terms, power=0.0)
        assert found is not None
        for at, name in enumerate(names):
            expected = figures[method, "rumour", name]
            assert found.value[at] == pytest.approx(float(expected["estimate"]), abs=2e-7)
            assert found.error[at] == pytest.approx(float(expected["se"]), abs=2e-7)
            assert found.p[at] == pytest.approx(float(expected["p"]), abs=1e-6)
            assert found.freedom == float(expected["df"])


def drawn(model: str = "good", n: int = 600) -> tuple[Population, SampledLabels, np.ndarray, np.ndarray]:
    world = simulated.world(model, 0.3)
    population, post, y = next(simulated.samples(world, n, 1, 5))
    x = np.random.default_rng(2).normal(size=len(world.y)) + world.y
    return population, SampledLabels(post, y), np.stack([np.ones(len(x)), x], axis=1), world.y


def test_the_whole_model_is_the_regression_of_a_pseudo_outcome_on_all_posts() -> None:
    population, (post, y), terms, _ = drawn()
    found = sampled_regression(population, SampledLabels(post, y), terms, power=1.0)
    assert found is not None
    held = np.bincount(population.stratum) / np.bincount(population.stratum[post])
    pseudo = population.f.copy()
    pseudo[post] += held[population.stratum[post]] * (y - population.f[post])

    def loss(beta: np.ndarray) -> float:
        t = terms @ beta
        return float((np.logaddexp(0, t) - pseudo * t).mean())

    expected = minimize(loss, np.zeros(2), jac=lambda b: (expit(terms @ b) - pseudo) @ terms / len(terms), tol=1e-12)
    assert found.value == pytest.approx(expected.x, abs=1e-5)


def test_a_good_model_narrows_and_a_useless_one_does_no_harm() -> None:
    for model, more in (("good", 0.9), ("useless", 1.01)):
        population, labels, terms, y = drawn(model)
        alone, aided = (sampled_regression(population, labels, terms, power=one) for one in (0.0, None))
        assert alone is not None
        assert aided is not None
        assert 0 <= aided.power <= 1
        assert aided.error[1] < more * alone.error[1]
        every = sampled_regression(Population(population.stratum * 0, y), SampledLabels(np.arange(len(y)), y), terms)
        assert every is not None
        assert every.error == pytest.approx(np.zeros(2))
        assert (np.abs(aided.value - every.value) < 4 * aided.error).all()


def test_posts_beyond_the_scored_ones_leave_labels_alone_and_nothing_settles_where_a_term_decides() -> None:
    population, labels, terms, _ = drawn()
    beyond = sampled_regression(Population(population.stratum, population.f, 10**6), labels, terms)
    assert beyond is not None
    assert beyond.power == 0.0
    perfect = np.stack([np.ones(len(terms)), np.zeros(len(terms))], axis=1)
    perfect[labels.post, 1] = labels.y
    assert sampled_regression(population, labels, perfect, power=0.0) is None
    none = SampledLabels(np.array([], int), np.array([]))
    assert sampled_regression(population, none, terms) is None
