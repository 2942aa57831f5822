"""Strata: every post is in exactly one, by tag and score band; coarser levels join finer strata and split none."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.sample.strata import LEVELS, coarser, finest, level_for, strata_names
from tests.audit.sample.drawn import KEYS, scores


def one(proba: list[float], *, tags: tuple[int, ...] = (), abstained: bool = False, level: str = "fine") -> str:
    alleged = np.array([[at in tags for at in range(len(proba))]])
    code = finest(np.array([proba], dtype=np.float32), alleged, np.array([abstained]))
    return strata_names(KEYS, level)[coarser(len(proba), level)[code[0]]]


@pytest.mark.parametrize(
    ("proba", "tags", "abstained", "name"),
    [
        ([np.nan, np.nan], (), True, "no probability"),
        ([0.5, 0.1], (), True, "abstained"),
        ([0.01, 0.001], (), False, "not tagged, below 0.02"),
        ([0.01, 0.02], (), False, "not tagged, below 0.2"),
        ([0.2, 0.3], (), False, "posing.army: not tagged, 0.2 or more"),
        ([0.6, 0.9], (0,), False, "rumour: tagged, below 0.8"),
        ([0.8, 0.9], (0, 1), False, "posing.army: tagged, 0.8 or more"),
        ([0.01, 0.001], (1,), False, "posing.army: tagged, below 0.8"),
    ],
)
def test_a_post_lies_where_its_tag_and_score_put_it(
    proba: list[float], tags: tuple[int, ...], *, abstained: bool, name: str
) -> None:
    assert one(proba, tags=tags, abstained=abstained) == name


def test_levels_join_and_never_split() -> None:
    for level in LEVELS:
        to = coarser(3, level)
        assert len(to) == 13
        assert set(to) == set(range(len(strata_names(("a", "b", "c"), level))))
    assert one([0.6, 0.9], tags=(0,), level="middle") == "rumour: tagged"
    assert one([0.2, 0.3], level="middle") == "not tagged, 0.2 or more"
    assert one([0.6, 0.9], tags=(0,), level="coarse") == "tagged"


def test_a_small_sample_has_fewer_strata() -> None:
    of = scores()
    sizes = np.bincount(finest(of.proba, of.alleged, of.abstained), minlength=10)
    assert [level_for(sizes, n, 2) for n in (200, 30, 4)] == ["fine", "middle", "coarse"]


def test_A5_strata_do_not_hang_on_the_order_of_posts() -> None:
    of = scores()
    order = np.random.default_rng(0).permutation(len(of.ids))
    whole = finest(of.proba, of.alleged, of.abstained)
    assert np.array_equal(finest(of.proba[order], of.alleged[order], of.abstained[order]), whole[order])
