"""What the tests of searches share: a config that searches little, and its posts to fit on."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.training.prepare import Prepared, prepare
from koudai.training.search.objective import FitPart, fit_part

SPACE = """
[search]
trials = 6

[search.space]
"features.chars" = { choices = [[1, 1], [1, 2]] }
"model.classifier" = { choices = ["DualLinearSVC", "ComplementNB"] }
"model.params.C" = { low = 0.1, high = 10, log = true }
"""


@pytest.fixture(scope="session")
def searching(small_config: Path) -> Path:
    """The small config, one category less, with a search of six trials."""
    path = small_config.with_name("searching.toml")
    text = small_config.read_text(encoding="utf-8").replace('"impersonation", ', "").replace("folds = 3", "folds = 2")
    path.write_text(text + SPACE, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def prepared(searching: Path) -> Prepared:
    return prepare(load_config(TrainConfig, searching), searching)


@pytest.fixture(scope="session")
def config(prepared: Prepared) -> TrainConfig:
    return prepared.config


@pytest.fixture(scope="session")
def part(prepared: Prepared) -> FitPart:
    return fit_part(prepared)
