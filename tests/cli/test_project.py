"""The verb init: says what it saw and what it wrote, and names flags where it asks."""

from __future__ import annotations

from pathlib import Path

import pytest

import koudai.cli.project  # noqa: F401  (what is tested)
from tests.cli.test_bad_input import koudai

POSTS = "编号,正文,标签\n1,听说明天停水七天,甲\n2,菜场今天豆腐三块五,乙\n"


def test_init_says_what_it_saw_and_asks_for_what_it_cannot_tell(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(POSTS, encoding="utf-8")
    begin = ("init", tmp_path / "a.csv", "--out", tmp_path)
    code, _, err = koudai(capsys, *begin)
    assert code == 2
    assert "name each that says yes as --yes" in err
    code, _, err = koudai(capsys, *begin, "--yes", "甲")
    assert code == 2
    assert "name it as --category" in err
    code, said, err = koudai(capsys, *begin, "--yes", "甲", "--category", "rumour")
    assert (code, err) == (0, "")
    assert "ids in column 编号; texts in column 正文" in said
    assert "labels in 标签: 甲 (1), 乙 (1)" in said
    assert (tmp_path / "train.toml").is_file()
    code, _, err = koudai(capsys, *begin, "--yes", "甲", "--category", "rumour")
    assert code == 5
    assert "--overwrite to replace them" in err


def test_what_a_verb_has_no_flag_for_keeps_its_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Of bytes that are not UTF-8 `train` says `encoding`, a key of its config; `score` has a flag for it."""
    (tmp_path / "a.csv").write_text("post_id,text,label\n1,听说明天停水七天,1\n2,菜场今天豆腐,0\n", encoding="gb18030")
    assert koudai(capsys, "init", tmp_path / "a.csv", "--category", "rumour", "--out", tmp_path)[0] == 0
    config = (tmp_path / "train.toml").read_text(encoding="utf-8")
    assert 'encoding = "gb18030"' in config
    (tmp_path / "train.toml").write_text(config.replace('encoding = "gb18030"\n', ""), encoding="utf-8")
    for verb in ("check", "train"):
        code, _, err = koudai(capsys, verb, tmp_path / "train.toml")
        assert code == 3
        assert "`encoding`" in err
        assert "--encoding" not in err


def test_posts_without_labels_get_an_audit_config_and_advice(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("编号,正文\n1,听说明天停水七天\n2,菜场今天豆腐三块五\n", encoding="utf-8")
    code, said, _ = koudai(capsys, "init", tmp_path / "a.csv", "--out", tmp_path)
    assert code == 0
    assert said.splitlines()[-1].startswith("no labels to learn from: score with a model that is there")
    assert (tmp_path / "audit.toml").is_file()
    assert not (tmp_path / "train.toml").exists()


def test_new_study_says_what_it_wrote_and_what_comes_next(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, said, err = koudai(capsys, "new", "study", tmp_path / "mine", "--category", "rumour", "--n", "80")
    assert (code, err) == (0, "")
    assert said.splitlines()[-1] == f"next: {tmp_path / 'mine' / 'README.md'}"
    assert "N ?= 80" in (tmp_path / "mine" / "Makefile").read_text(encoding="utf-8")
    code, _, err = koudai(capsys, "new", "project", tmp_path / "other")
    assert code == 2
    assert "study" in err
