"""Estimates: Horvitz and Thompson's by its own formula, PPI++ by the paper's and by ppi-python, the power table by what
it promises (A4).
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

from koudai.audit.sample.estimate import ESTIMATORS, Population, aims, estimate
from tests.audit.sample.simulated import MODELS, samples, world

Drawn = tuple[Population, NDArray[np.int64], NDArray[np.float64]]


def uniform(n: int = 300, of: int = 5000, seed: int = 1, model: str = "fair") -> Drawn:
    """A sample without strata."""
    random = np.random.default_rng(seed)
    truth = world(model, 0.2, of)
    post = random.choice(of, n, replace=False)
    return Population(np.zeros(of, np.int64), truth.f), post, truth.y[post]


def by_the_paper(drawn: Drawn) -> tuple[float, float]:
    """λ and the estimate of a mean: Angelopoulos, Duchi & Zrnic 2023, section 6 and example 1."""
    population, post, y = drawn
    seen = population.f[post]
    unseen = np.delete(population.f, post)
    covariance = np.mean((y - y.mean()) * (seen - seen.mean()))
    power = covariance / ((1 + len(seen) / len(unseen)) * np.var(population.f, ddof=1))
    power = min(max(power, 0.0), 1.0)
    return power, float(power * unseen.mean() + (y - power * seen).mean())


@pytest.mark.parametrize("seed", range(4))
def test_A4_without_strata_it_is_ppi_plus_plus(seed: int) -> None:
    drawn = uniform(seed=seed)
    power, value = by_the_paper(drawn)
    found = estimate(*drawn)["ppi++"]
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.power * (1 - 300 / 5000) == pytest.approx(power, abs=1e-12)


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize("seed", range(3))
def test_A4_ppi_python_says_the_same(model: str, seed: int) -> None:
    population, post, y = uniform(800, seed=seed, model=model)
    seen, unseen, left = population.f[post], np.delete(population.f, post), 1 - 800 / 5000

    def theirs(lam: float | None) -> float:
        return float(ppi_mean_pointestimate(y, seen, unseen, lam=lam)[0])

    made = aims(population, post, y)
    assert made is not None
    own = made[2]
    assert own["ppi++"].value == pytest.approx(theirs(None), abs=1e-9)
    power = (theirs(None) - theirs(0.0)) / (theirs(1.0) - theirs(0.0))
    assert own["ppi++"].power * left == pytest.approx(power, abs=1e-9)
    assert own["design"].value == pytest.approx(theirs(0.0), abs=1e-9)
    assert own["difference"].value == pytest.approx(theirs(left), abs=1e-9)
    if model == "fair":
        found = estimate(population, post, y)["ppi++"]
        low, high = ppi_mean_ci(y, seen, unseen, alpha=0.05)
        assert found.high - found.low == pytest.approx(float(high[0] - low[0]), rel=0.12)


def test_A4_the_design_s_own_is_horvitz_and_thompson_s() -> None:
    for population, post, y in samples(world("fair", 0.1), 200, 3):
        stratum = population.stratum
        pi = np.bincount(stratum[post]) / population.size
        total = sum(y[at] / pi[stratum[i]] for at, i in enumerate(post))
        found = estimate(population, post, y)
        assert found["design"].value == pytest.approx(total / len(stratum), abs=1e-12)
        difference = population.f.mean() + sum(
            (y[at] - population.f[i]) / pi[stratum[i]] for at, i in enumerate(post)
        ) / len(stratum)
        assert found["difference"].value == pytest.approx(max(difference, 0), abs=1e-3)
        made = aims(population, post, y)
        assert made is not None
        assert made[2]["difference"].value == pytest.approx(difference, abs=1e-12)


def test_a_model_of_no_use_is_not_used() -> None:
    random = np.random.default_rng(0)
    y = (random.random(200) < 0.3).astype(float)
    for f in (np.full(2000, 0.4), np.zeros(2000)):
        found = estimate(Population(np.zeros(2000, np.int64), f), np.arange(200), y)
        assert found["ppi++"].power == 0.0
        assert found["ppi++"].value == found["design"].value
        assert found["difference"].value == pytest.approx(found["design"].value)


def test_a_perfect_model_is_used_and_the_interval_is_narrower() -> None:
    of = world("fair", 0.3)
    population = Population(np.zeros(len(of.y), np.int64), of.y)
    found = estimate(population, np.arange(200), of.y[:200])
    assert found["ppi++"].value == pytest.approx(of.share, abs=1e-3)
    assert found["ppi++"].half_width < 0.5 * found["design"].half_width


@pytest.mark.slow
def test_labels_to_halve_do_halve_it() -> None:
    population, post, y = next(samples(world("fair", 0.1), 200, 1))
    found = estimate(population, post, y, power_table=True)
    for name in ESTIMATORS:
        more = found[name].to_halve
        assert more is not None
        assert 200 < more < 3000
    widths = []
    for n in (200, 200 + (found["design"].to_halve or 0)):
        many = [estimate(*drawn)["design"].half_width for drawn in samples(world("fair", 0.1), n, 20, seed=4)]
        widths.append(np.mean(many))
    assert 0.35 < widths[1] / widths[0] < 0.65


def test_without_a_label_in_a_stratum_nothing_is_estimated() -> None:
    population = Population(np.array([0, 0, 1, 1]), np.zeros(4))
    assert estimate(population, np.array([0, 1]), np.array([0.0, 1.0])) == {}
    assert estimate(population, np.array([], np.int64), np.array([])) == {}


def test_labels_from_0_to_1_are_shares_of_a_post() -> None:
    population = Population(np.zeros(100, np.int64), np.zeros(100))
    assert estimate(population, np.arange(4), np.array([0.5, 0.5, 1, 0]))["design"].value == 0.5
