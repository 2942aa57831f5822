"""Every declared interval has a world of its kind; of each kind of world a seeded part holds the truth."""

from __future__ import annotations

import numpy as np
import pytest

from koudai.audit.measures import MEASURES, measures_in_order
from koudai.training.intervals import gives_none
from tests.benchmarks.coverage import page, section
from tests.benchmarks.declared import NO_TRUTH, declared, without_a_world, worlds_of
from tests.benchmarks.world import Cell, Found, Sample, World, measured, misses, worlds

pytestmark = pytest.mark.benchmark

QUICK = {
    "Agreement": 60,
    "Agreement in a returned sample": 30,
    "A bin of a calibrated model": 40,
    "Different outcomes by chance": 8,
    "The debiased calibration error": 100,
    "The Brier score": 20,
    "The uncertainty coefficient U": 5,
    "The difference of two models' shares of the same posts": 200,
    "Evaluation: brier": 20,
    "Two trained models: auc": 8,
    "Words of posts dealt at random": 60,
    "Two models that tag as many posts": 150,
    "Two models that tag as many posts, in each of fourteen categories": 40,
    "Posts like those that a model was fitted on": 30,
    "What a swap of terms changes": 200,
    "The gap of minimal pairs": 100,
    "Performance: f1": 100,
    "Performance: auc": 60,
    "Performance beside another model: recall": 100,
    "Two audits of the same posts": 150,
    "Two audits of other posts": 150,
    "Odds ratio, month being equal": 60,
    "Performance of a sample: false_negatives": 15,
    "What a sample says of probabilities": 15,
    "Prevalence: ppi++": 15,
    "Prevalence of a part": 15,
    "The difference of two parts": 15,
    "The trend of four periods": 20,
    "An odds ratio from a sample": 15,
    "Wrong labels": 60,
    "Annotators who err: three": 5,
    "Annotators who err: a quarter adjudicated": 6,
    "Annotators who err as often as is known": 25,
    "A share of posts with near-duplicates": 200,
    "A share of posts of events": 200,
    "A share of independent posts": 200,
    "The coverage of conformal sets": 150,
    "Disagreement of models as good": 60,
    "How much more a machine disagrees": 60,
    "A machine that loses by ε": 60,
    "Two wordings: shares": 60,
    "Two wordings: what the wording adds": 60,
}
"""Samples of one cell of each of these worlds; all in a few seconds. Worlds that are left out fit models."""


def test_every_interval_that_is_declared_has_a_world() -> None:
    assert without_a_world() == []


def test_worlds_are_of_statistics_that_there_are() -> None:
    known = {f"{name}.{one.key}" for name in measures_in_order() for one in MEASURES[name].declares.statistics}
    others = {name for name, _ in declared()} | {"comparison.p", "comparison.p_holm"}
    assert {name for name, _ in worlds_of()} <= known | others


def test_what_has_no_world_says_why() -> None:
    assert all(NO_TRUTH.values())
    assert not any(gives_none(kind) for kind in NO_TRUTH)


@pytest.mark.parametrize("name", QUICK)
def test_a_seeded_part_of_each_kind_of_world_holds_the_truth(name: str) -> None:
    world = worlds()[name]
    cell = next(one for one in world.cells if one.bar is not None)
    found = measured(world, cell, QUICK[name])
    assert found.given > 0.9 * found.samples
    assert cell.bar is not None
    assert not misses(found, cell.bar), found


def test_every_cell_can_be_drawn_and_has_a_name_of_its_own() -> None:
    for world in worlds().values():
        assert len({cell.name for cell in world.cells}) == len(world.cells), world.name
        assert all(cell.bar is None or cell.n >= 100 for cell in world.cells), world.name


def test_what_is_beyond_the_bar_is_bold_and_a_cell_without_one_in_parentheses() -> None:
    cells = (Cell("a", 100), Cell("b", 100, bar=None))
    world = World(
        "w",
        ("x.y",),
        "wilson",
        "About.",
        cells,
        lambda random, cell: Sample(0, 0),
        lambda one: (0, 1),
        "n",
        lambda one: (0, 1),
    )
    assert measured(world, cells[0], 3) == Found(3, 3, 3, 3, 3)
    told = section(world, [Found(1000, 1000, 900, 1000, 950)] * 2)
    assert "| a | 100 | 1,000 | 100.0 | **90.0 [88.0, 91.7]** | 95.0 |" in told
    assert "| (b) | 100 | 1,000 | 100.0 | 90.0 [88.0, 91.7] | 95.0 |" in told
    assert "of `x.y`." in told


def test_a_world_that_is_gone_leaves_the_page() -> None:
    assert "## no such world" not in page({"no such world": "## no such world\n"})
    assert np.isfinite(len(page({})))
