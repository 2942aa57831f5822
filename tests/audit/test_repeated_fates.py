"""Repeated fates: four rules of chance, each by name; within a month that decides nothing is left to chance (A4)."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.frame import Figure
from koudai.audit.inputs.kept_columns import Outcomes
from koudai.audit.repeated_fates import RepeatedFates, _Chances, _Copies


def figures(value: np.ndarray, group: np.ndarray, **same: np.ndarray) -> dict[tuple[str, str], Figure]:
    fate = np.array([{"gone": 1, "kept": 0, "author": 2, "": -1}[one] for one in value], dtype=np.int8)
    fates = RepeatedFates(
        Outcomes(value.astype(object), fate, {}),
        {name.replace("_", " "): one for name, one in same.items()},
        np.random.default_rng(1),
    )
    return {(one.group, one.statistic): one for one in fates.figures("identical", group)}


def test_where_months_decide_chance_within_a_month_gives_what_is_observed() -> None:
    month = np.arange(400) // 100
    value = np.where(month % 2, "gone", "kept")
    found = figures(value, np.arange(400) // 2, same_month=month)
    assert found["identical", "different"].value == 0.0
    assert found["identical, same month", "different_by_chance"].high == 0.0
    assert found["identical, any post", "different_by_chance"].value == pytest.approx(0.5, abs=0.03)
    assert found["identical", "different_by_chance"].value == 0.0  # the rule that fits stands beside the share


def test_without_dates_it_is_the_outcomes_of_repeated_posts_that_are_dealt() -> None:
    value = np.array(["kept"] * 100 + ["gone", "kept"] * 50)
    group = np.concatenate([np.arange(100), 100 + np.arange(100) // 2])
    found = figures(value, group)
    rarer, fits = (found[name, "different_by_chance"].value for name in ("identical, any post", "identical"))
    assert fits == found["identical, repeated posts", "different_by_chance"].value
    assert fits == pytest.approx(0.505, abs=0.03)
    assert (rarer or 1.0) < 0.42


def test_a_chance_line_stands_beside_what_the_platform_did() -> None:
    random = np.random.default_rng(2)
    value = random.choice(["gone", "kept", "author"], 300)
    found = figures(value, np.arange(300) // 3)
    observed, chance = (found["identical", f"different_moderation{end}"] for end in ("", "_by_chance"))
    assert observed.n == chance.n
    assert chance.low is not None
    assert chance.high is not None
    assert chance.low - 0.05 <= (observed.value or 0) <= chance.high + 0.05


def test_A1_nothing_that_comes_twice_has_no_chance_line() -> None:
    found = figures(np.array(["gone", "", "kept"]), np.arange(3))
    assert found["identical", "different"].value is None
    assert not [name for name in found if name[1].endswith("chance")]


@pytest.mark.slow
def test_A4_chance_is_that_of_dealing_outcomes_out() -> None:
    random = np.random.default_rng(5)
    value, group = random.integers(0, 3, 80), random.integers(0, 30, 80)
    within = random.integers(0, 4, 80)
    places = np.flatnonzero(np.bincount(group)[group] >= 2)
    places = places[np.argsort(group[places], kind="stable")]
    number = np.unique(group[places], return_inverse=True)[1]
    copies = _Copies(places, number, value, ["a", "b", "c"])
    shares = []
    for _ in range(4000):
        dealt = value.copy()
        for one in range(4):
            rows = np.flatnonzero(within == one)
            dealt[rows] = value[random.permutation(rows)]
        shares.append(copies.differing(dealt)[0] / copies.posts)
    found = copies.chances(within)
    alone = np.sqrt((found.chance * (1 - found.chance)).sum()) / copies.posts
    assert found.chance.mean() == pytest.approx(np.mean(shares), abs=0.005)
    assert found.narrower < 1
    assert found.narrower * alone == pytest.approx(np.std(shares), rel=0.1)


def test_A4_many_copies_have_the_range_of_a_sum_of_independent_draws() -> None:
    fates = RepeatedFates(Outcomes(np.empty(0, object), np.empty(0, np.int8), {}), {}, np.random.default_rng(1))
    chance = np.tile([0.2, 0.6], 1200)
    mean, low, high = fates._range(_Chances(chance, 1.0))
    half = 1.959964 * np.sqrt((chance * (1 - chance)).sum()) / len(chance)
    assert (mean, low, high) == (pytest.approx(0.4), pytest.approx(0.4 - half), pytest.approx(0.4 + half))
    few = fates._range(_Chances(chance[:2000], 1.0))
    assert few == pytest.approx((mean, low, high), abs=0.006)
    assert fates._range(_Chances(np.zeros(2400), 1.0)) == (0.0, 0.0, 0.0)
