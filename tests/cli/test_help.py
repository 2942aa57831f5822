"""The help in Chinese: every verb's page is whole, holds what the English one holds, and fits into the terminal."""

from __future__ import annotations

import re

import pytest

from koudai.cli.app import run_command
from koudai.cli.language import columns
from tests.docs.reference import FOLDER, VERBS
from tests.render.test_typography import IDEOGRAPH, RULES

OPTION = re.compile(r"^  (-[-a-z]+)", re.MULTILINE)


def test_the_help_of_every_verb_is_chinese_with_the_same_options(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    _, *pages = (FOLDER / "verbs.md").read_text(encoding="utf-8").split("\n## koudai")
    for verb, english in zip(((), *((verb,) for verb in VERBS)), pages, strict=True):
        assert run_command(["--lang", "zh", *verb, "--help"]) == 0
        page = capsys.readouterr().out
        assert OPTION.findall(page) == OPTION.findall(english), verb
        assert page.startswith(f"用法：{' '.join(['koudai', *verb])}")
        assert re.findall(r"(?<![\w./'-])[a-z]{2,} [a-z]{2,} [a-z]{2,}", page) == [], verb
        assert max(columns(line) for line in page.splitlines()) <= 80
        rows = [line for line in page.splitlines() if line.startswith("  ")]
        assert [line for line in rows if re.match(r" *[，。；：、？！）」』”]", line)] == []
        whole = " ".join(line.strip() for line in rows)
        assert re.search(RULES["a full-width mark beside an ideograph"], whole) is None
        assert len(re.findall(IDEOGRAPH, page)) > 40


def test_defaults_bounds_and_what_is_required_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    run_command(["--lang", "zh", "sample", "--help"])
    page = capsys.readouterr().out
    assert "[必填]" in page
    assert "[默认：400；x>=1]" in page
    assert "[默认：" in page
    assert "--out FILE" in page


def test_a_command_line_that_cannot_be_is_refused_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["--lang", "zh", "score", "--outt", "x"]) == 2
    assert capsys.readouterr().err == (
        "用法：koudai score [选项] {model} {posts}...\n"
        "查看帮助：koudai score --help\n\n"
        "错误：没有这个选项：--outt（相近的选项：--layout, --out）\n"
    )
    assert run_command(["--lang", "zh"]) == 2
    assert capsys.readouterr().err.startswith("用法：koudai [选项] 命令")
