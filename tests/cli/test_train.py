"""The verbs about models: what check, train, inspect and explain print and leave behind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from koudai import api
from koudai.cli.train import _print_figures
from koudai.model.bundle.bundle import load_bundle
from koudai.model.evaluation import Decided, MetricValue, OutOfFold
from tests.cli.test_bad_input import koudai
from tests.model.tiny import EVALUATION, tiny_model


def test_check_says_what_will_be_trained(capsys: pytest.CaptureFixture[str], small_config: Path) -> None:
    code, out, _ = koudai(capsys, "check", small_config)
    assert code == 0
    assert "no problems" in out
    code, out, _ = koudai(capsys, "check", small_config, "--json")
    found = json.loads(out)
    assert found["problems"] == []
    assert found["split"]["fit"] + found["split"]["test"] == found["corpora"]["seed"]


def test_train_prints_figures_with_intervals(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, small_config: Path
) -> None:
    code, out, _ = koudai(capsys, "train", small_config, "--out", tmp_path / "m")
    assert code == 0
    assert "impersonation.ai_news_anchors" in out
    assert "written" in out
    assert "[0." in out
    measured = json.loads((tmp_path / "m" / "evaluation.json").read_bytes())["casebook"]
    card = (tmp_path / "m" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"Of {measured['n']} cases written for these categories" in card


def test_inspect_shows_card_and_terms(capsys: pytest.CaptureFixture[str], bundle: Path) -> None:
    code, out, _ = koudai(capsys, "inspect", bundle)
    assert code == 0
    assert "**written**" in out
    assert "主播" in out
    assert f"Digest of the bundle: {load_bundle(bundle).digest}" in out
    code, out, _ = koudai(capsys, "inspect", bundle, "--json", "--top", 3)
    assert all(len(entry["terms"]) == 3 for entry in json.loads(out)["categories"].values())


def test_explain_adds_up(capsys: pytest.CaptureFixture[str], bundle: Path) -> None:
    code, out, _ = koudai(capsys, "explain", bundle, "--text", "各位观众晚上好，AI主播为您播报", "--json")
    assert code == 0
    for entry in json.loads(out)["categories"]:
        total = entry["base"] + sum(added for _, added in entry["terms"])
        assert entry["probability"] == pytest.approx(1 / (1 + 2.718281828459045**-total), abs=1e-9)
    code, out, _ = koudai(capsys, "explain", bundle, "--text", "🎉")
    assert "silent: no-features" in out


def test_R5_escapes_in_a_post_never_reach_the_terminal(capsys: pytest.CaptureFixture[str], bundle: Path) -> None:
    _, out, _ = koudai(capsys, "explain", bundle, "--text", "主播\x1b[2J\x1b]0;title\x07播报\u202e")
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_bundle_that_keeps_no_hashes_says_nothing_of_them(
    capsys: pytest.CaptureFixture[str], bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = api.inspect(bundle)
    monkeypatch.setattr("koudai.api.inspect", lambda *arguments, **settings: replace(found, fitted=None))
    code, out, _ = koudai(capsys, "inspect", bundle)
    assert code == 0
    assert "Kept of " not in out
    assert found.card in out


def test_warnings_of_a_decision_stand_under_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("f1", "macro_f1", "average_precision", "ece", "calibration_error")
    every = tuple(MetricValue(name, 0.5, 90, 0.4, 0.6) for name in names)
    categories = {key: replace(one, all=every) for key, one in EVALUATION.categories.items()}
    first = next(iter(categories))
    decided = Decided("sigmoid", "f1", OutOfFold(0.8, 0.6, 30, 100), warnings=("few\x1b posts",))
    categories[first] = replace(categories[first], decided=decided)
    trained = api.TrainedModel(tiny_model(), Path("m"), replace(EVALUATION, categories=categories))
    _print_figures(trained)
    *_, warning, bundle = capsys.readouterr().out.splitlines()
    assert warning == f"{first}: few\\u001b posts"
    assert bundle.startswith("bundle: ")
