"""The combined config: every corpus that says anything of the taxonomy is in it, every category can be learnt, what is
divided by group leaks nothing, and weights are those the config gives.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.corpus.labelled import labelled_rows
from koudai.corpus.sources import known_sources
from koudai.corpus.split import describe_split
from koudai.training.prepare import prepare

CONFIG = Path("configs") / "train" / "cac-2023.toml"


def test_every_corpus_that_says_anything_is_in_it(root: Path) -> None:
    config = load_config(TrainConfig, root / CONFIG)
    sources = known_sources(configs=root / "configs")
    speaking = {name for name, source in sources.items() if source.rules(config.run.taxonomy)}
    assert {section.source for section in config.corpus} == speaking | {"seed"}


@pytest.mark.slow
def test_every_category_can_be_learnt_and_says_from_what(root: Path, real_corpus: Callable[[str], Path]) -> None:
    config = load_config(TrainConfig, root / CONFIG)
    sources = known_sources(configs=root / "configs")
    folder = [real_corpus(sources[str(section.source)].file) for section in config.corpus if section.source != "seed"]
    ready = prepare(config, root / CONFIG, folders=(folder[0].parent,))
    rows = labelled_rows(ready.corpus, ready.split, ready.taxonomy, ready.categories)
    assert ready.categories == ready.taxonomy.keys
    weights = {str(section.source): section.weight for section in config.corpus}
    assert all(row.weight == weights[row.corpus] for row in rows)
    for key in ready.categories:
        told = {row.corpus: row.stands_for for row in rows if row.category == key}
        assert told["seed"] == "written"
    split = describe_split(ready.split, ready.corpus, ready.groups)
    grouped = {name for name, entry in split.sources.items() if entry.by == "group"}
    assert grouped == {"factcheck", "hrde", "fbs", "meddialog"}
    assert all(split.sources[name].leaked == 0 for name in grouped)
    assert split.leaked == sum(entry.leaked for entry in split.sources.values()) > split.leaked_across
