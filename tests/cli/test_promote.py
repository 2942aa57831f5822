"""The verb promote: what it prints and asks for; how aliases move is tested in tests/training/tracking."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from koudai.training.tracking import runs
from koudai.training.tracking.promotion import Promotion
from tests.cli.test_bad_input import koudai
from tests.training.tracking.bundles import altered, member, scaled
from tests.training.tracking.stores import new_store

pytestmark = pytest.mark.slow  # under one Python will do


def test_from_training_to_champion(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    new_store(tmp_path_factory, tmp_path)
    monkeypatch.setattr(runs, "evaluation_png", lambda *given: b"")  # other tests look at the drawings
    better = scaled(bundle, tmp_path / "better", 1.1)
    code, out, _ = koudai(capsys, "track", bundle)
    assert (code, out.rsplit(", ", 2)[1:]) == (0, ["model koudai@candidate", "version 1\n"])
    code, out, _ = koudai(capsys, "promote")
    assert code == 0
    assert out.endswith("koudai@champion is version 1 (was nobody)\n")
    code, out, _ = koudai(capsys, "promote")
    assert (code, out) == (0, "koudai@champion is version 1 (as before)\n")
    assert koudai(capsys, "track", better)[0] == 0
    code, out, _ = koudai(capsys, "promote", better)
    assert code == 0
    assert out.startswith("alleged category")
    line = next(line for line in out.splitlines() if line.startswith("impersonation.ai_news_anchors  f1 "))
    entry = member(bundle, "evaluation.json")["categories"]["impersonation.ai_news_anchors"]
    f1 = next(one for one in entry["all"] if one["metric"] == "f1")
    assert f"{f1['value']:.3f} [{f1['low']:.3f}, {f1['high']:.3f}]" in line
    assert f"{f1['value'] * 1.1:.3f} [" in line
    assert line.split().count(str(f1["n"])) == 2
    assert out.endswith("koudai@champion is version 2 (was version 1)\n")
    code, out, _ = koudai(capsys, "promote", "1", "--to", "candidate", "--json")
    found = json.loads(out)
    assert (found["alias"], found["version"], found["before"], found["changed"]) == ("candidate", "1", "2", True)
    code, out, err = koudai(capsys, "promote", "2", "--uri", "sqlite:///mlflow.db", "--model", "koudia")
    assert (code, out) == (2, "")
    assert "did you mean 'koudai'?" in err


def test_an_address_whose_password_was_not_kept_is_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path
) -> None:
    config = member(bundle, "config.json")
    config["track"]["uri"] = "postgresql+psycopg2://***@127.0.0.1/db"
    code, _, err = koudai(capsys, "promote", altered(bundle, tmp_path / "b", config=config))
    assert code == 2
    assert "--uri" in err


def test_what_is_no_bundle_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = koudai(capsys, "promote", tmp_path / "nothing")
    assert code == 4
    assert "not a koudai bundle" in err


@pytest.mark.parametrize("track", [{"uri": 5}, {"other": 1}, []])
def test_a_bundle_whose_tracking_is_not_one_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, bundle: Path, track: object
) -> None:
    here = altered(bundle, tmp_path / "b", config={**member(bundle, "config.json"), "track": track})
    for verb in ("promote", "track"):
        code, _, err = koudai(capsys, verb, here)
        assert code == 4
        assert "track" in err


@pytest.mark.parametrize("same", [True, False])
def test_figures_of_other_test_posts_are_said_to_be_incomparable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    found = Promotion("koudai", "2", "champion", "1", changed=True, same_test=same, figures=())
    monkeypatch.setattr("koudai.api.promote", lambda *arguments, **settings: found)
    code, out, _ = koudai(capsys, "promote")
    assert code == 0
    assert ("not tested on the same posts" in out) is not same
    assert out.endswith("koudai@champion is version 2 (was version 1)\n")
