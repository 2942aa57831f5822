"""The verb compare: what it prints; the figures are tested in tests/training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from koudai.cli import compare as verb
from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.training.evaluate import CALIBRATION_ERROR, METRICS
from koudai.training.prepare import prepare
from koudai.training.train import train_model
from tests.cli.test_bad_input import koudai


@pytest.fixture(scope="module")
def other(small_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another run on the same test posts."""
    out = tmp_path_factory.mktemp("other") / "small"
    config = load_config(TrainConfig, small_config, overrides=("model.classifier=ComplementNB",))
    train_model(prepare(config, small_config), out)
    return out


def test_two_runs_side_by_side(capsys: pytest.CaptureFixture[str], bundle: Path, other: Path) -> None:
    assert verb.__name__ == "koudai.cli.compare"
    code, out, _ = koudai(capsys, "compare", bundle, other)
    assert code == 0
    header, *lines, note = out.splitlines()
    assert header.split("  ")[0] == "alleged category"
    assert len(lines) == 3 * 9
    assert "of brier and ece, greater is worse" in note
    code, said, _ = koudai(capsys, "compare", bundle, other, "--json")
    found = json.loads(said)
    assert code == 0
    assert (found["a"], found["b"]) == (str(bundle.resolve()), str(other.resolve()))
    entry = json.loads((other / "evaluation.json").read_bytes())["categories"]["impersonation"]["all"]
    values = {one["metric"]: one["value"] for one in entry}
    assert list(values) == [*METRICS, CALIBRATION_ERROR]
    del values[CALIBRATION_ERROR]  # which no sum over posts gives
    assert {one["metric"]: one["b"] for one in found["differences"][:9]} == pytest.approx(values)
    first = found["differences"][0]
    assert f"{first['difference']:+.3f} [{first['low']:+.3f}, {first['high']:+.3f}]" in lines[0]


@pytest.mark.slow
def test_other_test_posts_are_an_error_of_the_data(
    capsys: pytest.CaptureFixture[str], bundle: Path, small_config: Path, tmp_path: Path
) -> None:
    config = load_config(TrainConfig, small_config, overrides=("split.use=group", "split.test_share=0.4"))
    train_model(prepare(config, small_config), tmp_path / "b")
    code, out, err = koudai(capsys, "compare", bundle, tmp_path / "b")
    assert (code, out) == (3, "")
    assert "not measured on the same posts" in err


def test_what_is_no_bundle_is_named(capsys: pytest.CaptureFixture[str], bundle: Path, tmp_path: Path) -> None:
    code, _, err = koudai(capsys, "compare", bundle, tmp_path / "nothing")
    assert code == 4
    assert "not a koudai bundle" in err
