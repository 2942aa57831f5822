"""Two builds on one core, this one and another: a process of each lives on, and both do the same tasks in turns.

``python -m tests.benchmarks.speed --other FOLDER``; ``docs/results/speed.md`` says what is measured. Each fits its own
models, with its own benchmark; probabilities are compared before anything is timed.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import machine
from tests.benchmarks.measure import Spread
from tests.benchmarks.peers import BOTH, FEATURES, WORDS
from tests.benchmarks.posts import CATEGORIES, ROOT, default_corpora
from tests.benchmarks.process import PYTHON
from tests.benchmarks.report import Bar, Report, number, spread
from tests.benchmarks.same_model import TOLERANCE, Disagreement

HEADER = ["task", "build", "× processor", "× clock", "µs of the processor a post", "posts"]
OTHER, THIS = "old build", "koudai"
SCORES = [f"score: {features}, {n} categor{'y' if n == 1 else 'ies'}" for features in FEATURES for n in (1, CATEGORIES)]
TASKS = [*SCORES, *(f"{what}: {features}" for features in FEATURES for what in ("fit_transform", "transform"))]
BARS = [(f"score: {BOTH}, 12", 1.6, 2.0), (f"score: {WORDS},", 1.35, 1.7), (f"fit_transform: {BOTH}", 1.6, 2.0)]


def beside(paths: list[Path], *, other: Path, most: int, few: int, rounds: int, least: float, seed: int) -> Report:
    """Time every task with both builds.

    Parameters
    ----------
    paths
        Files of posts; the default corpora if there are none.
    other
        Another checkout, with a ``.venv`` where it needs other packages.
    most, few, rounds, least, seed
        As for `tests.benchmarks.comparison.compare`.
    """
    where, rows, bars = machine.describe(machine.cores()), [], []
    for path in paths or default_corpora():
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as started:
            builds = {
                name: started.enter_context(_build(root.resolve(), [path.resolve(), most, few, seed]))
                for name, root in ((OTHER, other), (THIS, ROOT))
            }
            for task in TASKS:
                saved = {name: Path(folder) / f"{name}.npy" if task in SCORES else None for name in builds}
                for name, child in builds.items():
                    _turn(child, task, 0.0, saved[name])
                if task in SCORES:
                    _refuse_other(*(np.load(file) for file in saved.values() if file))
                turns: dict[str, list[dict[str, float]]] = {name: [] for name in builds}
                for _ in range(rounds):
                    for name, child in builds.items():
                        turns[name].append(_turn(child, task, least, None))
                rows += [_row(path.stem, task, name, turns) for name in builds]
        bars += _bars(path.stem, rows)
    data = {"seed": seed, "rounds": rounds, "rows": rows}
    report = Report("koudai beside another build of it, on one core", HEADER, where, data, bars=bars)
    report.table = [_cells(row) for row in rows]
    report.notes = [
        f"{rounds} rounds; × is the old build's time by koudai's, of one turn and the next. "
        f"Probabilities are the same to {TOLERANCE}."
    ]
    return report


@contextlib.contextmanager
def _build(root: Path, arguments: list[Any]) -> Iterator[subprocess.Popen[str]]:
    """Start a checkout's process; it is on this process's core, and ends with the block."""
    own = root / ".venv" / "bin" / "python"
    paths = os.pathsep.join([str(root), str(root / "pipeline")])
    child = subprocess.Popen(
        [str(own if own.exists() else PYTHON), str(Path(__file__).with_name("build_child.py")), *map(str, arguments)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        yield child
        assert child.stdin is not None
        child.stdin.close()


def _turn(child: subprocess.Popen[str], task: str, least: float, save: Path | None) -> dict[str, float]:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(json.dumps({"task": task, "least": least, "save": str(save or "")}) + "\n")
    child.stdin.flush()
    answer = child.stdout.readline()
    if not answer:
        message = f"the process of a build ended in {task!r}: see above"
        raise RuntimeError(message)
    found: dict[str, float] = json.loads(answer)
    return found


def _refuse_other(theirs: Any, mine: Any) -> None:
    if not np.array_equal(np.isnan(theirs), np.isnan(mine)) or np.nanmax(np.abs(theirs - mine), initial=0) > TOLERANCE:
        message = "the builds do not give the same probabilities"
        raise Disagreement(message)


def _row(corpus: str, task: str, name: str, turns: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    row: dict[str, Any] = {"corpus": corpus, "task": task, "build": name, "turns": turns[name]}
    for kind in ("processor", "clock"):
        pairs = zip(turns[OTHER], turns[name], strict=True)
        row[kind] = asdict(Spread.of([old[kind] / mine[kind] for old, mine in pairs]))
    return row


def _bars(corpus: str, rows: list[dict[str, Any]]) -> list[Bar]:
    mine = [row for row in rows if row["corpus"] == corpus and row["build"] == THIS]
    return [
        Bar(
            f"{corpus}: {begin.rstrip(',')}, × processor of the old build",
            wanted,
            min(row["processor"]["median"] for row in mine if row["task"].startswith(begin)),
            aim=aim,
        )
        for begin, wanted, aim in BARS
    ]


def _cells(row: dict[str, Any]) -> list[str]:
    each = statistics.median(turn["processor"] / turn["posts"] for turn in row["turns"])
    posts = f"{row['turns'][0]['posts']:,}"
    task = f"{row['corpus']} {row['task']}" if row["build"] == OTHER else ""
    return [task, row["build"], spread(row["processor"]), spread(row["clock"]), number(1e6 * each), posts]
