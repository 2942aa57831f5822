"""Shares of domains of one sample: with labels alone those of R's survey (A4), narrower with a model, never without a
width, and differences that account for what two estimates have in common.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from koudai.audit.sample.domains import SampledLabels, domain_shares, stratified_covariance
from koudai.audit.sample.estimate import Population, aims
from koudai.training.judging.strata import Strata
from tests.audit.sample import simulated

SURVEY = Path(os.environ.get("KOUDAI_ORACLES", "oracles"))
PLATFORMS = ("douyin", "tieba", "wechat", "weibo")
Row = dict[str, str]


def table(name: str) -> list[Row]:
    if not (SURVEY / name).is_file():
        pytest.skip("the numbers of R's survey are not there: $KOUDAI_ORACLES names their folder")
    return list(csv.DictReader((SURVEY / name).read_text(encoding="utf-8").splitlines()))


@cache
def survey() -> tuple[list[Row], dict[tuple[str, str, str], Row]]:
    """Return the posts, and the figures of the design with strata by method, variable and level."""
    figures = [one for one in table("r-survey.csv") if one["design"] == "stratified"]
    return table("stratified.csv"), {(one["method"], one["of"], one["level"]): one for one in figures}


def as_population() -> tuple[Population, np.ndarray]:
    """Return all 12,000 posts, of which those that were drawn are known, and their places."""
    posts, _ = survey()
    size = {one["stratum"]: int(one["stratum_size"]) for one in posts}
    names, drawn = sorted(size), Counter(one["stratum"] for one in posts)
    own = [names.index(one["stratum"]) for one in posts]
    rest = [at for at, name in enumerate(names) for _ in range(size[name] - drawn[name])]
    f = np.r_[[float(one["score"]) for one in posts], np.zeros(len(rest))]
    return Population(np.array(own + rest), f), np.arange(len(posts))


def of(column: str) -> np.ndarray:
    return np.array([float(one[column]) for one in survey()[0]])


def places(column: str, values: tuple[str, ...], n: int) -> np.ndarray:
    """Return domains: of the posts that were not drawn any, which labels alone do not look at."""
    found = np.arange(n) % len(values)
    found[: len(survey()[0])] = [values.index(one[column]) for one in survey()[0]]
    return found


@pytest.mark.parametrize("variable", ["rumour", "advice"])
def test_A4_means_of_platforms_and_months_are_those_of_r_survey(variable: str) -> None:
    figures = survey()[1]
    population, post = as_population()
    labels = SampledLabels(post, of(variable))
    columns = {"platform": PLATFORMS, **({"month": ("1", "2", "3", "4", "5", "6")} if variable == "rumour" else {})}
    for column, values in columns.items():
        place = places(column, values, len(population.f))
        found = domain_shares(population, labels, place=place, power=0.0)
        assert found is not None
        for at, value in enumerate(values):
            expected = figures["svyby svymean", variable, value]
            assert found.labelled[at] == int(expected["n"])
            assert found.value[at] == pytest.approx(float(expected["estimate"]), abs=1e-10)
            assert np.sqrt(found.covariance[at, at]) == pytest.approx(float(expected["se"]), abs=1e-10)
            assert found.low[at] <= found.value[at] < found.high[at]


def test_A4_differences_of_platforms_have_the_error_of_r_survey_with_their_covariance() -> None:
    figures = survey()[1]
    population, post = as_population()
    for variable in ("rumour", "advice"):
        place = places("platform", PLATFORMS, len(population.f))
        found = domain_shares(population, SampledLabels(post, of(variable)), place=place, power=0.0)
        assert found is not None
        compared = [one for one in figures if one[:2] == ("svycontrast of svyby", variable)]
        assert len(compared) >= 3
        for key in compared:
            names = [one.strip() for one in key[2].split(" - ")]
            if not set(names) <= set(PLATFORMS):
                continue
            weights = np.zeros(4)
            weights[PLATFORMS.index(names[0])], weights[PLATFORMS.index(names[1])] = 1.0, -1.0
            error = np.sqrt(weights @ found.covariance @ weights)
            assert float(weights @ found.value) == pytest.approx(float(figures[key]["estimate"]), abs=1e-10)
            assert error == pytest.approx(float(figures[key]["se"]), abs=1e-10)
            told = found.contrast(weights)
            assert told.low is not None
            assert told.high is not None
            assert told.high - told.low > 2 * error


def test_A4_totals_and_the_slope_over_months_are_those_of_r_survey() -> None:
    figures = survey()[1]
    population, post = as_population()
    n, rumour, month = len(population.f), of("rumour"), of("month")
    whole = domain_shares(population, SampledLabels(post, rumour), place=np.zeros(n, int), power=0.0)
    assert whole is not None
    total = figures["svytotal", "rumour", ""]
    assert n * whole.value[0] == pytest.approx(float(total["estimate"]), rel=1e-9)
    assert n * np.sqrt(whole.covariance[0, 0]) == pytest.approx(float(total["se"]), rel=1e-9)
    found = domain_shares(population, SampledLabels(post, rumour), place=places("month", tuple("123456"), n), power=0.0)
    assert found is not None
    weight = np.bincount(month.astype(int) - 1, [float(one["weight"]) for one in survey()[0]])
    off = np.arange(1, 7) - weight @ np.arange(1, 7) / weight.sum()
    told = found.slope(weight * off / (weight @ off**2))
    expected = figures["svyglm gaussian", "rumour", "month"]
    assert told.value == pytest.approx(float(expected["estimate"]), abs=1e-10)
    assert told.low is not None
    assert told.high is not None
    reach = (told.high - told.low) / 2 / float(expected["se"])
    assert 1.7 < reach < 2.1  # t standard errors; R's residuals are those of a straight line, these of each month


def test_A4_calibration_to_the_score_total_is_the_regression_estimator_of_r_survey() -> None:
    figures = survey()[1]
    population, post = as_population()
    known = next(one for one in table("population.csv") if one["what"] == "all")
    f = population.f.copy()
    rest = np.arange(len(f)) >= len(post)
    f[rest] = (float(known["score_total"]) - f[post].sum()) / rest.sum()
    weight = np.array([float(one["weight"]) for one in survey()[0]])
    for variable in ("rumour", "advice"):
        y = of(variable)
        slope = np.polyfit(f[post], y, 1, w=np.sqrt(weight))[0]
        found = domain_shares(
            Population(population.stratum, f), SampledLabels(post, y), place=np.zeros(len(f), int), power=float(slope)
        )
        assert found is not None
        expected = figures["calibrate ~score (regression estimator)", variable, ""]
        assert found.value[0] == pytest.approx(float(expected["estimate"]), abs=1e-9)
        assert np.sqrt(found.covariance[0, 0]) == pytest.approx(float(expected["se"]), rel=0.01)  # R weighs residuals


def test_a_domain_of_one_says_next_to_nothing_where_r_says_nought() -> None:
    population, post = as_population()
    place = places("platform", PLATFORMS, len(population.f))
    for power in (0.0, 0.7):
        found = domain_shares(population, SampledLabels(post, of("rumour")), place=place, power=power)
        assert found is not None
        assert (found.labelled[1], found.low[1]) == (1, 0.0)
        assert found.high[1] == 1.0 or found.high[1] > 0.5


def drawn(n: int = 400) -> tuple[Population, SampledLabels, np.ndarray, np.ndarray]:
    world = simulated.world("good", 0.3)
    population, post, y = next(simulated.samples(world, n, 1, 3))
    place = np.random.default_rng(1).choice(4, len(world.y), p=[0.6, 0.3, 0.099, 0.001])
    return population, SampledLabels(post, y), place, world.y


def test_a_model_narrows_domains_and_none_is_lost_or_without_a_width() -> None:
    population, labels, place, y = drawn()
    place[population.stratum == 0] %= 3
    made = aims(population, *labels)
    assert made is not None
    alone, aided = (
        domain_shares(population, labels, place=place, power=one, domains=5) for one in (0.0, made[2]["ppi++"].power)
    )
    assert alone is not None
    assert aided is not None
    assert ((aided.high - aided.low)[:3] < (alone.high - alone.low)[:3]).all()
    truth = np.bincount(place, y) / np.bincount(place)
    assert ((aided.low[:3] < truth[:3]) & (truth[:3] < aided.high[:3])).all()
    assert aided.posts.tolist() == [*np.bincount(place, minlength=4).tolist(), 0]
    for at in (3, 4):
        assert np.isnan(aided.value[at]) == (aided.labelled[at] == 0)
    assert np.isnan(aided.value[4])
    assert aided.contrast(np.array([1.0, 0, 0, 0, -1.0])).value is None


def test_the_whole_as_one_domain_is_the_difference_estimator_and_an_offset_of_the_model_changes_nothing() -> None:
    population, labels, place, _ = drawn()
    made = aims(population, *labels)
    assert made is not None
    whole = domain_shares(population, labels, place=np.zeros(len(place), int), power=1.0)
    assert whole is not None
    assert whole.value[0] == pytest.approx(made[2]["difference"].value)
    parts = domain_shares(population, labels, place=place % 3, power=1.0)
    moved = Population(population.stratum, population.f + 0.3 * (place % 3))
    other = domain_shares(moved, labels, place=place % 3, power=1.0)
    assert parts is not None
    assert other is not None
    assert other.value == pytest.approx(parts.value)
    assert other.covariance == pytest.approx(parts.covariance)
    total = parts.contrast(np.bincount(place % 3) / len(place))
    assert (total.value, total.n) == (pytest.approx(whole.value[0], abs=0.01), 400)


def test_an_interval_leaves_out_nought_where_its_p_value_is_below_five_in_a_hundred() -> None:
    population, labels, place, _ = drawn(1000)
    found = domain_shares(population, labels, place=place, power=0.5)
    assert found is not None
    for scale in np.linspace(0.1, 2.0, 9):
        told = found.contrast(np.array([scale, -1.0, 0.0, 0.0]))
        assert told.value is not None
        assert told.low is not None
        assert told.high is not None
        assert told.p is not None
        assert (told.low > 0 or told.high < 0) == (told.p < 0.05)


def test_all_labelled_is_the_share_itself_and_has_no_test() -> None:
    population = Population(np.array([0, 0, 0, 1, 1, 1]), np.full(6, 0.5))
    labels = SampledLabels(np.arange(6), np.array([1.0, 0, 0, 1, 1, 0]))
    found = domain_shares(population, labels, place=np.array([0, 0, 1, 1, 0, 1]), power=0.0)
    assert found is not None
    assert found.value.tolist() == found.low.tolist() == found.high.tolist() == pytest.approx([2 / 3, 1 / 3])
    told = found.contrast(np.array([1.0, -1.0]))
    assert (told.value, told.p) == (pytest.approx(1 / 3), None)


def test_a_stratum_without_a_label_leaves_nothing_to_say() -> None:
    population = Population(np.array([0, 0, 1, 1]), np.zeros(4))
    assert (
        domain_shares(population, SampledLabels(np.array([0]), np.array([1.0])), place=np.zeros(4, int), power=0.0)
        is None
    )
    empty = SampledLabels(np.array([], int), np.array([]))
    assert domain_shares(population, empty, place=np.zeros(4, int), power=0.0) is None


def test_the_covariance_is_that_of_the_textbook() -> None:
    random = np.random.default_rng(2)
    stratum, z = np.repeat([0, 1], [5, 4]), random.normal(size=(9, 2))
    strata = Strata(np.array([50.0, 10.0]), np.array([5.0, 4.0]))
    expected = sum(strata.factor[one] * np.cov(z[stratum == one].T, ddof=1) for one in (0, 1))
    assert stratified_covariance(strata, stratum, z) == pytest.approx(expected)
