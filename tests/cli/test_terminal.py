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

from koudai.cli.terminal import Bars, for_terminal, listener, table
from koudai.progress import Silent
from tests import forked


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
    command = ["-m", "koudai", "score", bundle, posts, "--out", tmp_path / "job"]
    found = forked.run(command, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    assert "scoring" in os.read(ours, 1 << 16).decode()
    assert found.stdout.decode().splitlines()[-1].startswith("job: ")


def test_a_table_lines_up_whatever_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    table(["类别", "n"], [["涉嫌谣言", 5], ["x", 1200]])
    assert capsys.readouterr().out == "类别         n\n涉嫌谣言     5\nx         1200\n"


def test_R5_cells_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    table(["a"], [["\x1b[31mred\n\u202e"]])
    assert "\x1b" not in capsys.readouterr().out


def koudai(shell: str) -> subprocess.CompletedProcess[str]:
    """Run koudai as a shell does; `shell` holds the rest of the line. That a stream is closed is seen at the start,
    by a process that is started.
    """
    given = {"capture_output": True, "text": True, "timeout": 300}
    if ">&-" not in shell:
        return forked.shell(f"koudai {shell}", **given)
    return subprocess.run(["/bin/sh", "-c", f"{sys.executable} -m koudai {shell}"], check=False, **given)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", ["corpora", "corpora seed", "corpora --json", "--version"])
@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_H10_standard_output_that_cannot_be_written_is_named(arguments: str, where: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    done = koudai(f"{arguments} {where}")
    assert done.returncode == 5
    assert "standard output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.slow
def test_H10_the_exit_code_is_the_same_without_standard_error() -> None:
    assert koudai("corpora 2>&-").returncode == 0
    assert koudai("inspect nowhere 2>&-").returncode == 4
    assert koudai("inspect nowhere >&- 2>&-").returncode == 4


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        (b"a,\x1b]0;t\x07\r\n", b"a,\\u001b]0;t\\u0007\r\n"),
        (b"a,\x1b[2J,b\n", b"a,\\u001b[2J,b\n"),
        ("a,\x9b2J\r\n".encode(), b"a,\\u009b2J\r\n"),
        (b"a\rb\r\n", b"a\\u000db\r\n"),
        ("停水,🙂\t,\r\n".encode(), "停水,🙂\t,\r\n".encode()),
    ],
)
def test_H10_rows_hold_nothing_that_a_terminal_acts_on(rows: bytes, shown: bytes) -> None:
    assert for_terminal(rows) == shown
