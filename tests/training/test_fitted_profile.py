"""The profile of a run: terms counted as if a post had not been there, and new posts from home that do not differ."""

from __future__ import annotations

import random

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.model.model import Model
from koudai.model.scorer import score
from koudai.training.fitted_profile import known_elsewhere
from koudai.training.prepare import prepare
from koudai.training.train import train_model
from tests.training.runs import section, sentences, write_config, write_table


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 2), min_size=4, max_size=4)), min_size=1, max_size=8),
)
def test_a_term_is_known_if_the_other_groups_hold_it_often_enough(
    min_df: int, posts: list[tuple[int, list[int]]]
) -> None:
    group, counts = np.array([one for one, _ in posts]), np.array([row for _, row in posts])
    frequency = (counts > 0).sum(axis=0)
    expected = [
        sum(
            row[term] > 0 and (((counts[group != own][:, term] > 0).sum() >= min_df) or frequency[term] < min_df)
            for term in range(4)
        )
        for own, row in posts
    ]
    found = known_elsewhere(sp.csr_matrix(counts), frequency, group, min_df=min_df)
    assert found.tolist() == expected


HOME = random.Random(1).sample(sentences(2100, seed=3), 2100)
"""The first 900 are a corpus; the others are new posts of the same kind."""
NEW = [text for text, _ in HOME[900:]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("profile")
    write_table(folder / "own.csv", HOME[:900], "label")
    config = write_config(folder / "own.toml", section("own"))
    return train_model(prepare(load_config(TrainConfig, config), config), folder / "bundle").model


def shifted(model: Model, texts: list[str]) -> dict[str, bool]:
    assert model.profile is not None
    found = model.profile.compare(score(model, [str(n) for n in range(len(texts))], texts).outline)
    assert found is not None
    return {name: one.differs for name, one in found.traits.items()}


def test_new_posts_from_home_do_not_differ(trained: Model) -> None:
    for start in range(0, 1200, 200):
        assert not any(shifted(trained, NEW[start : start + 200]).values())


def test_other_posts_do(trained: Model) -> None:
    some = NEW[:300]
    assert shifted(trained, [text * 4 for text in some])["length"]
    assert shifted(trained, [f"https://example.com/{text}" for text in some])["script"]
    assert shifted(trained, ["".join(chr(ord(one) + 7) for one in text) for text in some])["terms"]
    assert shifted(trained, [text for text, label in HOME[900:] if label == "in"])["probability rumour"]
