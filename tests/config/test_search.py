"""What a config may say of a search: every slip is a line of one message, and nothing that makes no sense is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from koudai.config.load import load_config
from koudai.config.search import SearchSection
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError
from koudai.limits import SEARCH_TRIALS


def searched(tmp_path: Path, lines: str) -> SearchSection:
    path = tmp_path / "run.toml"
    path.write_text(
        f'[run]\nname = "x"\ntaxonomy = "cac-2023"\n[[corpus]]\nsource = "seed"\n[search]\n{lines}\n', encoding="utf-8"
    )
    found = load_config(TrainConfig, path).search
    assert found is not None
    return found


def test_a_config_says_what_to_search(tmp_path: Path) -> None:
    found = searched(
        tmp_path,
        'trials = 7\nmetric = "average_precision"\ntimeout = 60\n[search.space]\n'
        '"model.params.C" = { low = 0.1, high = 10, log = true }\n"features.chars" = { choices = [[1, 3], [1, 4]] }',
    )
    assert (found.trials, found.metric, found.timeout) == (7, "average_precision", 60.0)
    assert found.space["model.params.C"].high == 10
    assert found.space["features.chars"].choices == ([1, 3], [1, 4])
    assert TrainConfig.model_fields["search"].default is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('space."a.b" = { low = 2, high = 2 }', "low must be below high"),
        ('space."a.b" = { low = 3, high = 2 }', "low must be below high"),
        ('space."a.b" = { low = 3, high = inf }', "low must be below high"),
        ('space."a.b" = { low = nan, high = 2 }', "low must be below high"),
        ('space."a.b" = { low = 0, high = 2, log = true }', "begins above 0"),
        ('space."a.b" = { low = 0 }', "either low and high, or choices"),
        ('space."a.b" = {}', "either low and high, or choices"),
        ('space."a.b" = { choices = [] }', "either low and high, or choices"),
        ('space."a.b" = { low = 0, high = 1, choices = [1] }', "either low and high, or choices"),
        ('space."a.b" = { choices = [1, 2], log = true }', "log belongs to a range"),
        ('space."a.b" = { choices = [1, 2, 1] }', "a choice is there twice"),
        ('space."a.b" = { choices = [2026-01-01] }', "numbers, words"),
        ('space."a.b" = { choices = [nan] }', "numbers, words"),
        ('space."a.b" = { lo = 0, high = 1 }', "did you mean 'low'"),
        ('space."a.b" = { low = "one", high = 2 }', "valid"),
        ("trials = 0", "greater than or equal to 1"),
        (f"trials = {SEARCH_TRIALS.value + 1}", "less than or equal to"),
        ("timeout = 0", "greater than 0"),
        ('metric = "recall"', "macro_f1"),
        ("trails = 3", "did you mean 'trials'"),
    ],
)
def test_C1_what_makes_no_sense_is_refused_by_name(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        searched(tmp_path, lines)
    assert said in str(caught.value)
    assert "search." in str(caught.value)
