"""``koudai train --search``: what it prints can be pasted, what it refuses is refused before anything is fitted."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from koudai.cli.app import run_command
from tests.cli.test_bad_input import koudai

SEARCH = """
[search]
trials = 4
metric = "average_precision"

[search.space]
"model.classifier" = { choices = ["DualLinearSVC", "ComplementNB"] }
"model.params.C" = { low = 0.1, high = 10, log = true }
"features.sublinear_tf" = { choices = [true, false] }
"""


@pytest.fixture(scope="module")
def searching(small_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "searching.toml"
    text = small_config.read_text(encoding="utf-8").replace("folds = 3", "folds = 2")
    path.write_text(text + SEARCH, encoding="utf-8")
    return path


@pytest.mark.slow
def test_the_winner_is_printed_ready_to_paste_and_then_trained(
    capsys: pytest.CaptureFixture[str], searching: Path, tmp_path: Path
) -> None:
    out = tmp_path / "m"
    code, said, _ = koudai(capsys, "train", searching, "--search", "--out", out)
    assert code == 0
    lines = said.split("\n")
    assert lines[0].split()[:3] == ["trial", "average_precision", "features.sublinear_tf"]
    assert "4 trials, 0 of them failed" in said
    assert "out of fold (so optimistic)" in said
    pasted = tomllib.loads(said[said.index("[features]") : said.index("\n\n", said.index("[model"))])
    stored = json.loads((out / "config.json").read_bytes())
    assert stored["model"] == pasted["model"]
    assert stored["features"]["sublinear_tf"] == pasted["features"]["sublinear_tf"]
    search = json.loads((out / "evaluation.json").read_bytes())["search"]
    assert f"{search['value']:.4f}" == lines[1].split()[1]
    assert (tmp_path / "m.search" / "trials.sqlite").exists()


@pytest.mark.slow
def test_with_json_it_prints_nothing_else(capsys: pytest.CaptureFixture[str], searching: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    arguments = ("train", searching, "--search", "--search-folder", folder, "--out", tmp_path / "m", "--json")
    code, said, _ = koudai(capsys, *arguments)
    assert code == 0
    assert json.loads(said)["search"]["trials"] == 4
    assert (folder / "trials.sqlite").exists()
    assert not (tmp_path / "m.search").exists()


@pytest.mark.slow
def test_without_search_the_section_changes_nothing(searching: Path, small_config: Path, tmp_path: Path) -> None:
    for config, name in ((searching, "a"), (small_config, "b")):
        assert run_command(["train", str(config), "--out", str(tmp_path / name), "--set", "decide.folds=2"]) == 0
    assert (tmp_path / "a" / "weights.npy").read_bytes() == (tmp_path / "b" / "weights.npy").read_bytes()
    assert "search" not in json.loads((tmp_path / "a" / "evaluation.json").read_bytes())


def test_what_cannot_be_searched_is_refused_before_anything_is_fitted(
    capsys: pytest.CaptureFixture[str], searching: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(searching.read_text(encoding="utf-8").replace("params.C", "params.c"), encoding="utf-8")
    for verb in (("check",), ("train", "--search", "--out", tmp_path / "m")):
        code, _, err = koudai(capsys, verb[0], wrong, *verb[1:])
        assert code == 2
        assert "model.params.c: cannot be varied; did you mean 'model.params.C'?" in err
    code, _, err = koudai(capsys, "train", searching, "--search-folder", tmp_path / "s", "--out", tmp_path / "m")
    assert code == 2
    assert "--search-folder goes with --search" in err
    assert not (tmp_path / "m.search").exists()


def test_a_full_output_folder_is_refused_before_the_search(
    capsys: pytest.CaptureFixture[str], searching: Path, tmp_path: Path
) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "mine").write_text("x", encoding="utf-8")
    code, _, err = koudai(capsys, "train", searching, "--search", "--out", tmp_path / "m")
    assert code == 5
    assert "not empty" in err
    assert not (tmp_path / "m.search").exists()
