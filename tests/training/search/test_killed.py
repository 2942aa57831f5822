"""A search whose process is killed: the same command, run again, leaves the same bundle behind."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from koudai.cli.app import run_command
from koudai.training.search.record import FILE
from tests.text.fresh import run

pytestmark = pytest.mark.slow

KILLED = """
import os, signal, sqlite3
from koudai.cli.app import run_command
from koudai.training.search import search as module

def die():
    os.kill(os.getpid(), signal.SIGKILL)

place, after = {place!r}, {after}
calls = []

def counted(do):
    def wrapped(*arguments, **named):
        calls.append(1)
        if len(calls) > after:
            die()
        return do(*arguments, **named)
    return wrapped

class Dying(sqlite3.Connection):
    def commit(self):
        calls.append(1)
        if len(calls) > after:
            die()
        super().commit()

if place == "in a trial":
    module.objective = counted(module.objective)
else:
    connect = sqlite3.connect
    sqlite3.connect = lambda file: connect(file, factory=Dying)
run_command({arguments!r})
"""


@pytest.fixture(scope="module")
def whole(searching: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return trained(searching, tmp_path_factory.mktemp("whole") / "small")


def trained(config: Path, out: Path) -> dict[str, bytes]:
    assert run_command(["train", str(config), "--out", str(out), "--search"]) == 0
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.mark.parametrize(
    ("place", "after", "noted"),
    [("in a trial", 0, True), ("in a trial", 3, True), ("in a commit", 1, False), ("in a commit", 12, True)],
)
def test_J1_a_killed_search_goes_on_where_it_was(
    searching: Path, tmp_path: Path, whole: dict[str, bytes], place: str, after: int, noted: bool
) -> None:
    out = tmp_path / "small"
    arguments = ["train", str(searching), "--out", str(out), "--search"]
    done = run(KILLED.format(arguments=arguments, place=place, after=after), warm=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not list(out.iterdir())
    assert (tmp_path / "small.search" / FILE).exists() == noted
    assert trained(searching, out) == whole
    search = json.loads(whole["evaluation.json"])["search"]
    assert search["trials"] == 6
    assert "The out-of-fold figure of a winner is optimistic" in whole["MODEL_CARD.md"].decode()
