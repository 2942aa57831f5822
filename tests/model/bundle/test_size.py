"""Large vocabularies: few members whatever the number of terms, saved and loaded in linear time."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from koudai.model.bundle.bundle import load_bundle, save_bundle
from koudai.model.bundle.members import MANIFEST
from koudai.model.model import Model
from koudai.model.ngrams.blocks import FeatureBlock
from koudai.model.ngrams.counting import CHARS
from tests.model.tiny import EVALUATION

SMALL, LARGE = 50_000, 200_000


def large(tiny: Model, n_terms: int) -> Model:
    """Return the tiny model with `n_terms` terms more in its block of characters; they weigh nothing."""
    words, chars = tiny.blocks
    more = tuple(f"\u9fa5{place:07d}" for place in range(n_terms))
    block = FeatureBlock(CHARS, (1, 8), (*chars.terms, *more), np.r_[chars.idf, np.ones(n_terms)], chars.sublinear_tf)
    weights = np.r_[tiny.weights, np.zeros((n_terms, 3), dtype=np.float32)]
    return replace(tiny, blocks=(words, block), weights=weights)


def seconds(tiny: Model, n_terms: int, folder: Path) -> float:
    """Processor time of saving and loading, without that of building the model."""
    model = large(tiny, n_terms)
    start = time.process_time()
    save_bundle(model, folder, card="", evaluation=EVALUATION)
    loaded = load_bundle(folder)
    taken = time.process_time() - start
    assert loaded.n_features == tiny.n_features + n_terms
    assert loaded.blocks[1].terms == model.blocks[1].terms
    return taken


@pytest.mark.slow
def test_M10_a_bundle_of_200_000_terms_has_few_members_and_takes_linear_time(tiny: Model, tmp_path: Path) -> None:
    small = min(seconds(tiny, SMALL, tmp_path / f"small{turn}") for turn in range(2))
    big = min(seconds(tiny, LARGE, tmp_path / f"large{turn}") for turn in range(2))
    assert big / small < 9, "four times the terms took more than nine times as long"
    members = list((tmp_path / "large0").iterdir())
    assert len(members) < 50
    assert len(members) == len(list((tmp_path / "small0").iterdir()))
    listed = json.loads((tmp_path / "large0" / MANIFEST).read_bytes())["members"]
    assert sum(entry["bytes"] for entry in listed.values()) < 12_000_000, "about 50 bytes a term"
