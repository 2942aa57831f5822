"""Rumour by characters: a planted character is learnt within and across, labels are those of the corpora's rules, and a
figure of docs/rumour-across-corpora.md comes out again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from koudai.config.load import load_config
from koudai.config.source import Source
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from tests.benchmarks.rumour_by_characters import SAYS_0, SAYS_1, auc, fitted, rumours, within
from tests.conftest import ROOT

pytestmark = pytest.mark.benchmark


@pytest.mark.parametrize("grouped", [True, False])
def test_a_planted_character_is_learnt(grouped: bool) -> None:
    y = np.arange(60, dtype=np.int8) % 2
    posts = pd.DataFrame({"text": [f"{i}号楼今天{'谣' if said else '真'}" for i, said in enumerate(y)], "y": y})
    groups = np.arange(60)
    assert auc(posts, within(posts, groups, grouped=grouped), groups).value == 1
    assert auc(posts, fitted(posts).decision_function(posts["text"]), groups).value == 1


@pytest.mark.parametrize("name", SAYS_1)
def test_labels_are_those_of_the_rules(name: str) -> None:
    rules = load_config(Source, ROOT / "configs" / "corpora" / f"{name}.toml").label
    for says, labels in ((1, SAYS_1), (0, SAYS_0)):
        assert {rule.source for rule in rules if rule.category == "rumour" and rule.says == says} == labels[name]


def test_fact_checks_to_weibo_as_documented(
    real_corpus: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("weibo21.parquet", "factcheck_claims_covid.parquet"):
        monkeypatch.setenv("KOUDAI_DATA", str(real_corpus(file).parent))
    weibo, claims = rumours("weibo21"), rumours("factcheck")
    groups = near_duplicate_groups(weibo["text"].tolist())
    found = auc(weibo, fitted(claims).decision_function(weibo["text"]), groups)
    text = (ROOT / "docs" / "results" / "rumour-across-corpora.md").read_text(encoding="utf-8")
    shown = "{} [{}, {}]".format(*(f"{part:.3f}".removeprefix("0") for part in (found.value, found.low, found.high)))
    assert shown in text
    assert f"Weibo21, n = {found.n:,} |" in text
