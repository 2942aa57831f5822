"""The board runs on a few posts and writes a whole table; every row is a config that is there. No figure is tested."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.errors import ReadError
from koudai.training.prepare import prepare
from tests.benchmarks import machine
from tests.benchmarks.board import ROWS, WAYS, Row, by_fasttext, cells, measure, report_of, sides

pytestmark = pytest.mark.benchmark

ROW = Row("small", "Bundled posts", "macro_f1", 0.5, 0.9, "none")


@pytest.fixture(scope="module")
def config(small_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("board") / "small.toml"
    text = small_config.read_text(encoding="utf-8")
    listed = '["impersonation", "impersonation.ai_news_anchors", "unqualified_advice.medical"]'
    path.write_text(text.replace(listed, '["impersonation"]'), encoding="utf-8")
    return path


def test_every_way_is_measured_on_the_same_posts(config: Path) -> None:
    found = measure(ROW, config, folders=())
    ready = prepare(load_config(TrainConfig, config), config)
    known = ready.corpus.labels[:, ready.taxonomy.keys.index("impersonation")] >= 0
    assert found["fitted"] == int((ready.split.fit & known).sum())
    assert found["tested"]["all"] == int((ready.split.test & known).sum())
    assert {*found["all"]} >= {way for way in WAYS if way != "fastText"}
    for part, n in found["tested"].items():
        assert {figure["n"] for way in found[part].values() for figure in way.values()} == {n}
    report = report_of([ROW], [found], machine.describe(machine.cores()))
    table = report.to_markdown()
    assert table.count("| Bundled posts") == len(cells(ROW, found)) + 1
    assert "macro-f1" in table


def test_several_categories_that_do_not_exclude_each_other_are_no_row(small_config: Path) -> None:
    with pytest.raises(ValueError, match="exclusive"):
        sides(prepare(load_config(TrainConfig, small_config), small_config))


def test_fasttext_gives_classes_by_number(config: Path, tmp_path: Path) -> None:
    pytest.importorskip("fasttext", reason="fastText is not installed: pip install koudai[bench]")
    fit, test, _ = sides(prepare(load_config(TrainConfig, config), config))
    assert set(np.unique(by_fasttext(fit, test, tmp_path, seed=1))) <= {-1, 0, 1}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.config)
def test_every_row_is_a_config_that_names_its_corpora(row: Row, root: Path, tmp_path: Path) -> None:
    path = root / "configs" / "train" / f"{row.config}.toml"
    with pytest.raises(ReadError, match="is not here"):
        prepare(load_config(TrainConfig, path), path, folders=(tmp_path,))
