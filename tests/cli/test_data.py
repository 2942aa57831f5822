"""The data of a run on the terminal: what check foresees is what train says, and matrices only where corpora share a
category.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from koudai.cli.data import say_by_corpus, say_data
from koudai.model.evaluation import TransferValue
from tests.cli.test_bad_input import koudai
from tests.model.tiny import EVALUATION
from tests.training.runs import section, sentences, write_config, write_table


def test_check_foresees_what_train_says_of_three_corpora(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    counts = {}
    for seed, name in enumerate(("one", "two", "three")):
        rows = sentences(60 + seed, seed=seed)
        counts[name] = (sum(label == "in" for _, label in rows), len(rows))
        write_table(tmp_path / f"{name}.csv", rows, "label")
    third = section("three", category="clout_chasing").replace("[corpus.source]", "weight = 0.5\n[corpus.source]")
    config = write_config(
        tmp_path / "own.toml", section("one"), section("two"), third, categories='["rumour", "clout_chasing"]'
    )
    _, foreseen, _ = koudai(capsys, "check", config)
    code, said, _ = koudai(capsys, "train", config, "--out", tmp_path / "m", "--leave-one-source-out")
    assert code == 0
    tables = foreseen.split("\n", 1)[1].rstrip("\n")
    assert "\ncategory " in tables
    parts = [sorted(part.splitlines()) for part in (tables, said)]
    assert set(parts[0]) <= set(parts[1])
    rows = [line.split() for line in tables.splitlines() if line.startswith(("rumour ", "clout_chasing "))]
    assert [row[:2] for row in rows] == [["rumour", "one"], ["rumour", "two"], ["clout_chasing", "three"]]
    for _, name, stands_for, weight, *numbers in rows:
        fit_1, fit_0, test_1, test_0 = map(int, numbers)
        assert (stands_for, float(weight)) == ("real", 0.5 if name == "three" else 1.0)
        assert (fit_1 + test_1, fit_1 + fit_0 + test_1 + test_0) == counts[name]
    assert said.count("rumour, AUC, by corpus tested on, unseen posts") == 1
    assert "clout_chasing, AUC" not in said
    assert [line.split()[0] for line in said.split("rumour, AUC")[1].splitlines()[2:5]] == ["all", "one", "two"]
    assert "all but" not in said


def test_escapes_of_a_category_never_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    one = TransferValue("auc", 0.5, 3, None, None, "a\x1b[2J", "all", "x\x1b]0;")
    say_by_corpus(replace(EVALUATION, by_corpus=(one, replace(one, tested_on="y"))))
    out = capsys.readouterr().out
    assert "a\\u001b[2J, AUC" in out
    assert "\x1b" not in out


def test_one_corpus_has_no_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    one = TransferValue("auc", 0.5, 3, 0.1, 0.9, "a", "all", "x")
    say_by_corpus(replace(EVALUATION, by_corpus=(one,)))
    assert capsys.readouterr().out == ""


def test_rows_in_no_corpus_and_odd_ones_are_said_first(capsys: pytest.CaptureFixture[str]) -> None:
    noticed = {"short-row": 3}
    say_data(replace(EVALUATION, quarantined=1241, reasons={"bad-id": 1, "ragged": 1240}, noticed=noticed))
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "1,241 rows are in no corpus: ragged 1,240, bad-id 1"
    assert second == "notice: 3 rows lacked cells at their end, which were read as empty"
