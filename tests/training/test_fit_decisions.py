"""What a fit decides out of fold, and that it says when it could not do as asked; from the config to the card."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import precision_score, recall_score

from koudai.config.decide import DecideSection
from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.errors import ConfigError
from koudai.model.bundle.bundle import load_bundle
from koudai.model.bundle.held_out import read_held_out
from koudai.model.evaluation import Decided, OutOfFold
from koudai.model.fitting.classifiers import make_classifier
from koudai.training.fit import FitData, FittedCategory, fit_categories
from koudai.training.prepare import Prepared, prepare
from koudai.training.train import train_model

ANCHORS = "impersonation.ai_news_anchors"


def prepared(path: Path, *settings: str, folders: tuple[Path, ...] = ()) -> Prepared:
    return prepare(load_config(TrainConfig, path, overrides=settings), path, folders=folders)


def fitted(n: int = 1400, *, signal: float = 0.5, **section: Any) -> tuple[FittedCategory, np.ndarray]:
    """Fit one category on posts of which every seventh is unknown; return it and the labels."""
    random = np.random.default_rng(2)
    labels = random.integers(0, 2, n).astype(np.int8)
    dense = random.random((n, 40)) * (random.random((n, 40)) < 0.3)
    dense[:, :4] += signal * labels[:, None] * (random.random((n, 4)) < 0.5)
    labels[::7] = -1
    found = fit_categories(
        FitData(
            sp.csr_matrix(dense),
            labels[:, None],
            np.ones(n),
            np.arange(n),
            classifier=make_classifier("DualLogisticRegression", {"C": 20.0}),
            seed=4,
        ),
        names=("x",),
        section=DecideSection(**section),
    )[0]
    return found, labels


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("precision", 0.8), ("recall", 0.9)])
@pytest.mark.parametrize("calibrate", ["sigmoid", "isotonic", "none"])
def test_a_target_is_met_on_the_posts_held_out(name: str, least: float, calibrate: str) -> None:
    found, labels = fitted(calibrate=calibrate, thresholds={"x": {name: least}}, threshold=0.9)
    assert np.array_equal(np.isnan(found.held_out), labels < 0)
    y, tagged = labels[labels >= 0], found.held_out[labels >= 0] >= found.threshold
    reached = {"precision": precision_score(y, tagged), "recall": recall_score(y, tagged)}
    assert reached[name] >= least
    there = OutOfFold(**{key: pytest.approx(value) for key, value in reached.items()}, tagged=tagged.sum(), n=1200)
    assert found.decided == Decided(calibrate, {name: least}, there)
    assert (found.curve is not None) == (calibrate == "isotonic")


def test_what_could_not_be_done_is_said() -> None:
    found, _ = fitted(500, signal=0.0, calibrate="isotonic", threshold={"precision": 0.999})
    assert found.curve is None
    assert found.decided.calibration == "sigmoid"
    few, unmet = found.decided.warnings
    assert few.startswith("calibrated by a sigmoid, not isotonic: ")
    assert few.endswith("500 of either needed") or "no better than chance" in few
    assert unmet.startswith("no threshold has precision >= 0.999 out of fold: taken is the one with the greatest, ")
    reached = found.decided.out_of_fold
    assert f"{reached.precision:.3f} ({reached.tagged} of {reached.n} posts tagged)" in unmet


def test_the_same_seed_decides_the_same() -> None:
    one, other = (fitted(calibrate="isotonic", threshold={"recall": 0.9})[0] for _ in range(2))
    assert one.threshold == other.threshold
    assert one.curve is not None
    assert other.curve is not None
    assert one.curve.x.tobytes() + one.curve.y.tobytes() == other.curve.x.tobytes() + other.curve.y.tobytes()


@pytest.mark.slow
def test_from_the_config_to_the_card(tmp_path: Path, small_config: Path) -> None:
    settings = (
        'decide.calibrate="isotonic"',
        "decide.threshold={recall = 0.9}",
        "decide.abstain={coverage = 0.8}",
        "evaluate.learning_curve=[0.5, 1.0]",
        f'run.categories=["{ANCHORS}", "unqualified_advice.medical"]',
    )
    model = train_model(prepared(small_config, *settings), tmp_path / "a").model
    assert model.sets is not None
    assert model.abstain == 0.0
    evaluation = json.loads((tmp_path / "a" / "evaluation.json").read_bytes())
    card = (tmp_path / "a" / "MODEL_CARD.md").read_text(encoding="utf-8")
    held_out = read_held_out(tmp_path / "a")
    for column, (key, entry) in enumerate(evaluation["categories"].items()):
        assert entry["decided"]["target"] == {"recall": 0.9}
        assert f"- {key}: calibrated by a sigmoid, not isotonic" in card.replace("\\_", "_")
        assert len(entry["learning_curve"]) == 2
        assert entry["coverage"]["target"] == 0.8
        y = held_out.labels[:, column]
        assert entry["coverage"]["positives"]["n"] <= (y == 1).sum()
        assert sum(map(sum, entry["confusion"])) == (y >= 0).sum()
    assert "Conformal sets:" in card
    assert "F1 by the number of posts fitted on" in card
    train_model(prepared(small_config, *settings), tmp_path / "again")
    for path in (tmp_path / "a").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_C1_a_threshold_for_a_category_that_is_not_trained_is_refused(small_config: Path) -> None:
    with pytest.raises(ConfigError, match="not trained(?s:.*)decide.thresholds(?s:.*)clout_chasing"):
        prepared(small_config, "decide.thresholds.clout_chasing=0.4")
    assert prepared(small_config, f"decide.thresholds={{'{ANCHORS}' = 0.4}}").config.decide.thresholds == {ANCHORS: 0.4}


@pytest.mark.slow
@pytest.mark.parametrize("calibrate", ["sigmoid", "isotonic"])
def test_weibo21_is_calibrated_and_its_sets_hold_what_they_promise(
    calibrate: str, root: Path, tmp_path: Path, real_corpus: Callable[[str], Path]
) -> None:
    folder = real_corpus("weibo21.parquet").parent
    few = ("features.words=[1, 1]", "features.chars=[1, 2]")
    settings = (f"decide.calibrate={calibrate}", "decide.abstain={coverage = 0.9}", *few)
    ready = prepared(root / "configs" / "train" / "rumour-weibo21.toml", *settings, folders=(folder,))
    entry = train_model(ready, tmp_path / "m").evaluation.categories["rumour"]
    assert (entry.figure("ece").value or 0.0) <= 0.03
    assert entry.decided is not None
    assert (entry.decided.calibration, entry.decided.warnings) == (calibrate, ())
    assert entry.coverage is not None
    for share in (entry.coverage.positives, entry.coverage.negatives):
        assert (share.high or 0.0) >= 0.9
    assert {one.name for one in entry.slices if one.kind == "topic"} >= {"社会生活", "医药健康"}
    assert len(load_bundle(tmp_path / "m").curves) == (calibrate == "isotonic")
