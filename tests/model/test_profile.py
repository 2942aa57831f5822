"""Profiles: posts of the model's own kind do not differ, others do, and a forged profile is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from koudai.errors import ModelFormatError
from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.model import Model
from koudai.model.outline import Outline, counted
from koudai.model.profile import FEWEST_GROUPS, Profile, Shift, TraitBins, TraitProfile, TraitShift
from tests.model.bundle.test_bundle import edit
from tests.model.tiny import EVALUATION

TRAITS = ("length", "script", "probability rumour")


def drawn(n: int, seed: int, *, by: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {
        "length": random.binomial(50, 0.6, n) + by,
        "script": random.binomial(8, 0.2, n),
        "probability rumour": random.integers(0, 20, n),
    }


def outline(bins: dict[str, np.ndarray]) -> Outline:
    return Outline({name: counted(name, some) for name, some in bins.items()})


@pytest.fixture(scope="module")
def profile() -> Profile:
    found = Profile.of([TraitBins(drawn(3000, 1), np.arange(3000))], fitted=3000, seed=7)
    assert found is not None
    return found


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 500, 3000, 60_000])
def test_posts_of_the_same_kind_do_not_differ(profile: Profile, n: int) -> None:
    shifts = [profile.compare(outline(drawn(n, seed))) for seed in range(2, 42)]
    assert sum(one is not None and one.differs for one in shifts) <= 1


def test_other_posts_differ_and_the_line_says_in_what(profile: Profile) -> None:
    found = profile.compare(outline(drawn(500, 2, by=2)))
    assert found is not None
    assert found.differs
    assert [name for name, one in found.traits.items() if one.differs] == ["length"]
    assert found.line.startswith("these 500 posts differ from those that the model was fitted on: length .")
    assert found.to_json()["traits"]["length"]["differs"] is True


def test_the_furthest_beyond_its_tolerance_comes_first() -> None:
    shift = Shift(9, {"length": TraitShift(0.2, 0.1), "script": TraitShift(0.3, 0.05), "terms": TraitShift(0, 0.1)})
    assert shift.line.endswith("script .30 (parts of those: up to .05), length .20 (parts of those: up to .10)")
    assert Shift(9, {"terms": TraitShift(0.1, 0.1)}).line == ""


def test_repeats_make_the_tolerance_wider() -> None:
    bins = {"length": np.repeat(drawn(300, 1)["length"], 10)}
    one, other = (
        Profile.of([TraitBins(bins, group)], fitted=3000, seed=7) for group in (np.arange(3000), np.arange(3000) // 10)
    )
    assert one is not None
    assert other is not None
    assert other.traits["length"].scale > 2 * one.traits["length"].scale


def test_too_few_posts_have_no_profile_and_none_are_compared_with_nothing(profile: Profile) -> None:
    few = drawn(FEWEST_GROUPS - 1, 1)
    assert Profile.of([TraitBins(few, np.arange(FEWEST_GROUPS - 1))], fitted=19, seed=1) is None
    assert Profile.of([TraitBins(drawn(100, 1), np.zeros(100, np.int64))], fitted=100, seed=1) is None
    assert profile.compare(Outline()) is None
    assert profile.compare(outline(drawn(0, 1))) is None


def test_json_there_and_back(profile: Profile) -> None:
    assert Profile.of_json(profile.to_json()) == profile
    assert profile == Profile.of([TraitBins(drawn(3000, 1), np.arange(3000))], fitted=3000, seed=7)


FORGED: dict[str, Any] = {
    "no traits": {"traits": {}},
    "traits a list": {"traits": [1]},
    "unknown trait": {"traits": {"colour": {"counts": [1], "scale": 1.0}}},
    "bins fewer": {"traits": {"script": {"counts": [1], "scale": 1.0}}},
    "counts below 0": {"traits": {"script": {"counts": [-1, *[1] * 8], "scale": 1.0}}},
    "counts of text": {"traits": {"script": {"counts": ["1"] * 9, "scale": 1.0}}},
    "counts of nothing": {"traits": {"script": {"counts": [0] * 9, "scale": 1.0}}},
    "scale 0": {"traits": {"script": {"counts": [1] * 9, "scale": 0}}},
    "critical below 0": {"critical": -1.0},
    "critical text": {"critical": "2"},
    "fitted a fraction": {"fitted": 1.5},
    "fitted none": {"fitted": 0},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_profile_is_refused(name: str, tiny: Model, tmp_path: Path) -> None:
    profile = Profile({"script": TraitProfile((1,) * 9, 0.5)}, critical=2.5, fitted=9)
    save_bundle(replace(tiny, profile=profile), tmp_path / "b", card="", evaluation=EVALUATION)
    assert load_bundle(tmp_path / "b").profile == profile
    edit(tmp_path / "b", "profile.json", lambda told: told.update(FORGED[name]))
    with pytest.raises(ModelFormatError, match="does not describe the posts fitted on"):
        load_bundle(tmp_path / "b")
