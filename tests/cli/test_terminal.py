"""The terminal: bars only where one looks, tables that line up and let no escape through."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from koudai.cli.terminal import Bars, listener, table
from koudai.progress import Silent


def test_no_bar_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(listener(), Silent)
    with listener().stage("x", 3) as advance:
        advance(1)
    assert capsys.readouterr() == ("", "")


def test_a_bar_goes_to_standard_error_and_ends_full(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    with Bars().stage("scoring \x1b[2J posts", 10) as advance:
        advance(4)
    assert "scoring \\u001b[2J posts" in said.getvalue()
    assert "10/10" in said.getvalue()
    assert re.search(r"\d/s", said.getvalue())
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_a_real_terminal_gets_bars(bundle: Path, tmp_path: Path) -> None:
    """A pseudo-terminal as standard error: what a person at a keyboard sees."""
    posts = tmp_path / "a.csv"
    posts.write_text("post_id,text\n1,各位观众晚上好\n", encoding="utf-8")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "koudai", "score", str(bundle), str(posts), "--out", str(tmp_path / "job")]
    found = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    assert "scoring" in os.read(ours, 1 << 16).decode()
    assert found.stdout.decode().splitlines()[-1].startswith("job: ")


def test_a_table_lines_up_whatever_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    table(["类别", "n"], [["涉嫌谣言", 5], ["x", 1200]])
    assert capsys.readouterr().out == "类别         n\n涉嫌谣言     5\nx         1200\n"


def test_R5_cells_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    table(["a"], [["\x1b[31mred\n\u202e"]])
    assert "\x1b" not in capsys.readouterr().out
