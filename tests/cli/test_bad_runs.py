"""Runs that cannot be trained, or only with a word about it: check and train say the same, name what is wrong, and
leave nothing behind.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_bad_input import koudai
from tests.training.runs import section, sentences, write_config, write_table

pytestmark = pytest.mark.slow  # under one Python will do


def refused(capsys: pytest.CaptureFixture[str], config: Path, *options: str, code: int = 3, check: bool = True) -> str:
    """Return the message with which both verbs refuse a config; nothing may be left in its folder."""
    before = sorted(config.parent.iterdir())
    verbs = [["train", config, "--out", config.parent / "m"], *([["check", config]] if check else [])]
    said = set()
    for verb in verbs:
        found, out, err = koudai(capsys, *verb, *options)
        assert found == code
        assert out == ""
        assert "\n  to do:" in err
        assert "\n  happened: nothing was trained" in err
        said.add(err)
    assert len(said) == 1
    assert sorted(config.parent.iterdir()) == before
    return said.pop()


def trained(capsys: pytest.CaptureFixture[str], config: Path, *options: str) -> tuple[str, dict[str, object]]:
    code, out, err = koudai(capsys, "train", config, "--out", config.parent / "m", *options)
    assert code == 0, err
    return out, json.loads((config.parent / "m" / "evaluation.json").read_bytes())


def test_a_category_that_no_post_is_in_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_table(tmp_path / "own.csv", [(text, "out") for text, _ in sentences(60, seed=1)], "label")
    config = write_config(tmp_path / "own.toml", section("own"))
    assert "rumour: 0 posts in it, " in refused(capsys, config)


def test_a_category_of_which_all_posts_are_one_repeated_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = [(text, "out") for text, _ in sentences(60, seed=1)]
    rows += [("听说城北明天全天停水赶紧接水" + "！" * number, "in") for number in range(30)]
    write_table(
        tmp_path / "own.csv", [(*row, "train" if n else "test") for n, row in enumerate(rows)], "label", "split"
    )
    config = write_config(tmp_path / "own.toml", section("own", columns=', split = "split"'), split='use = "official"')
    assert "rumour: 30 posts in it, 59 out of it" in refused(capsys, config)


@pytest.mark.parametrize("only", ["in", "out"])
def test_a_fit_side_of_one_class_is_refused_and_a_test_side_of_one_class_proves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, only: str
) -> None:
    rows = sentences(80, seed=2)
    config = write_config(tmp_path / "own.toml", section("own", columns=', split = "split"'), split='use = "official"')
    pure = [(*row, "train") for row in rows if row[1] == only] + [(*row, "test") for row in rows if row[1] != only]
    write_table(tmp_path / "own.csv", pure, "label", "split")
    assert "1 category cannot be learnt" in refused(capsys, config)
    mixed = [(*row, "test" if row[1] == only and n % 2 else "train") for n, row in enumerate(rows)]
    write_table(tmp_path / "own.csv", mixed, "label", "split")
    out, evaluation = trained(capsys, config)
    assert evaluation["categories"]["rumour"]["validated_on"] == "none"  # type: ignore[index]
    assert next(line for line in out.splitlines() if line.startswith("rumour") and " none " in line)


def test_a_split_that_nobody_named_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [(*row, ("train", "test", "tset")[n % 3]) for n, row in enumerate(sentences(60, seed=3))]
    write_table(tmp_path / "own.csv", rows, "label", "split")
    config = write_config(tmp_path / "own.toml", section("own", columns=', split = "split"'), split='use = "official"')
    assert "'tset' (20 posts), did you mean 'test'?" in refused(capsys, config)
    _, evaluation = trained(capsys, config, "--set", 'split.unused=["tset"]')
    assert evaluation["split"]["unused"] == 20  # type: ignore[index]


def test_a_split_by_time_without_dates_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [(*row, "" if n % 6 == 0 else f"2020-01-{n % 28 + 1:02d}") for n, row in enumerate(sentences(60, seed=4))]
    write_table(tmp_path / "own.csv", rows, "label", "when")
    plain = write_config(tmp_path / "plain.toml", section("own"), split='use = "time"')
    assert "corpus 'own': 60 posts, no columns.date" in refused(capsys, plain)
    dated = write_config(tmp_path / "own.toml", section("own", columns=', date = "when"'), split='use = "time"')
    assert "corpus 'own': 10 posts, column 'when'" in refused(capsys, dated)
    out, evaluation = trained(capsys, dated, "--set", "split.undated=unused")
    split = evaluation["split"]
    assert split["unused"] == 10  # type: ignore[index]
    assert f"tested on from {split['cutoff']} on; 0 near-duplicate groups" in out  # type: ignore[index]
    write_table(tmp_path / "own.csv", [(*row[:2], "昨天") for row in rows], "label", "when")
    assert "'昨天' (60 posts)" in refused(capsys, dated)


def test_a_cutoff_of_another_split_and_a_policy_that_is_none_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_table(tmp_path / "own.csv", sentences(60, seed=4), "label")
    config = write_config(tmp_path / "own.toml", section("own"))
    for setting, said in (("cutoff=2020-01-01", "use is 'group'"), ('contradictions="guess"', "'keep', 'drop'")):
        code, _, err = koudai(capsys, "train", config, "--out", tmp_path / "m", "--set", f"split.{setting}")
        assert code == 2
        assert said in err
        assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("policy", ["keep", "drop", "majority"])
def test_contradictions_are_told_counted_and_treated_as_the_config_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, policy: str
) -> None:
    rows = sentences(90, seed=5)
    turned = {"in": "out", "out": "in"}
    rows += [(f"{text}{mark}", turned[label]) for text, label in rows[:30] for mark in ("！", "。")]
    write_table(
        tmp_path / "own.csv",
        [(*row, "train" if n % 30 or n > 89 else "test") for n, row in enumerate(rows)],
        "label",
        "split",
    )
    config = write_config(
        tmp_path / "own.toml",
        section("own", columns=', split = "split"'),
        split=f'use = "official"\ncontradictions = "{policy}"',
    )
    code, out, _ = koudai(capsys, "check", config)
    assert code == 0
    assert (
        f"rumour: 90 near-duplicate posts in 30 groups contradict each other (split.contradictions = '{policy}')" in out
    )
    assert out.count("  rumour: in own: p") == 20
    out, evaluation = trained(capsys, config)
    assert "90 near-duplicate posts in 30 groups" in out
    assert "own: p" not in out
    assert evaluation["contradictions"] == {"policy": policy, "categories": {"rumour": {"groups": 30, "posts": 90}}}
    fitted_on = np.array(evaluation["labelled"][0]["fit"])  # type: ignore[index]
    ones = sum(label == "in" for _, label in rows[30:90])
    unsettled = {"keep": 147, "drop": 147 - 29 * 3, "majority": 147}[policy]
    assert fitted_on.sum() == unsettled
    if policy == "drop":
        assert fitted_on[0] <= ones + 2
    card = (tmp_path / "m" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "- rumour: 90 posts in 30 groups" in card


def test_ten_rows_train_or_say_why_not(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = [(text, "in" if n % 2 else "out", "train") for n, (text, _) in enumerate(sentences(10, seed=6))]
    config = write_config(tmp_path / "own.toml", section("own", columns=', split = "split"'), split='use = "official"')
    write_table(tmp_path / "own.csv", [(*row[:2], "test") for row in rows[:8]] + rows[8:], "label", "split")
    assert "rumour: 1 post in it, 1 out of it" in refused(capsys, config)
    write_table(tmp_path / "own.csv", [(*row[:2], "test") for row in rows[:3]] + rows[3:], "label", "split")
    _, evaluation = trained(capsys, config)
    assert evaluation["categories"]["rumour"]["all"][0]["n"] == 3  # type: ignore[index]


def test_rows_without_a_word_in_common_leave_no_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    signs = [chr(0x4E00 + 37 * n) for n in range(10)]
    rows = [(sign, "in" if n % 2 else "out", "train" if n < 7 else "test") for n, sign in enumerate(signs)]
    write_table(tmp_path / "own.csv", rows, "label", "split")
    config = write_config(tmp_path / "own.toml", section("own", columns=', split = "split"'), split='use = "official"')
    assert "no words are left to learn from" in refused(capsys, config, check=False)
    (tmp_path / "m").mkdir()
    assert koudai(capsys, "train", config, "--out", tmp_path / "m")[0] == 3
    assert list((tmp_path / "m").iterdir()) == []


def test_one_corpus_alone_cannot_be_left_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_table(tmp_path / "own.csv", sentences(60, seed=7), "label")
    config = write_config(tmp_path / "own.toml", section("own"))
    told = refused(capsys, config, "--leave-one-source-out", check=False)
    assert "--leave-one-source-out needs a category that two corpora of this run label" in told
