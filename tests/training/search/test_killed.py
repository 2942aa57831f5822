"""A search whose process is killed: the same command, run again, leaves the same bundle behind."""

from __future__ import annotations

import functools
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest

from koudai.cli.app import run_command
from koudai.training.search.record import FILE
from tests.text.fresh import run

pytestmark = pytest.mark.slow

EARLY = 2
"""From how many trials on the sampler looks at earlier ones; ten by default, more than there are here."""
KILLED = """
import functools, optuna, os, signal, sqlite3
from koudai.cli.app import run_command
from koudai.training.search import search as module

def die():
    os.kill(os.getpid(), signal.SIGKILL)

optuna.samplers.TPESampler = functools.partial(optuna.samplers.TPESampler, n_startup_trials={early})
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


@pytest.fixture(scope="module", autouse=True)
def sampler() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        early = functools.partial(optuna.samplers.TPESampler, n_startup_trials=EARLY)
        patch.setattr(optuna.samplers, "TPESampler", early)
        yield


def trained(config: Path, out: Path) -> dict[str, bytes]:
    assert run_command(["train", str(config), "--out", str(out), "--search"]) == 0
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_J1_a_search_that_is_killed_again_and_again_goes_on_where_it_was(searching: Path, tmp_path: Path) -> None:
    out, record = tmp_path / "small", tmp_path / "small.search" / FILE
    arguments = ["train", str(searching), "--out", str(out), "--search"]
    for place, after, noted in (
        ("in a commit", 1, False),
        ("in a trial", 0, True),
        ("in a trial", 3, True),
        ("in a commit", 2, True),
    ):
        done = run(KILLED.format(arguments=arguments, place=place, after=after, early=EARLY), warm=True)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert not list(out.iterdir())
        assert record.exists() == noted
    whole = trained(searching, tmp_path / "whole" / "small")
    assert trained(searching, out) == whole
    search = json.loads(whole["evaluation.json"])["search"]
    assert search["trials"] == 6
    assert "The out-of-fold figure of a winner is optimistic" in whole["MODEL_CARD.md"].decode()
