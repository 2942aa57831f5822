"""The comparison of koudai with its peers on one core: every task of every corpus, and the bars it is held to."""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks import machine
from tests.benchmarks.measure import Task, alternate
from tests.benchmarks.peers import BOTH, FEATURES, INSTALL, WORDS
from tests.benchmarks.posts import BUNDLED, CATEGORIES, default_corpora, load
from tests.benchmarks.report import NONE, Bar, Report, number, rows_of, spread
from tests.benchmarks.same_model import TOLERANCE
from tests.benchmarks.startup import HELP, START, TEN, starting
from tests.benchmarks.tasks import KOUDAI, TWO, WITH_BIGRAMS, Tasks

HEADER = ["task", "way", "× A", "× B", "posts/s", "MB/s", "seconds", "posts"]


def compare(
    paths: list[Path], *, most: int, few: int, rounds: int, least: float, seed: int, cores: tuple[int, ...]
) -> Report:
    """Time every way of every task.

    Parameters
    ----------
    paths
        Files of posts; the default corpora if there are none.
    most, few
        Posts drawn from each, and how many of them slow ways are timed on.
    rounds, least
        As for `alternate`.
    seed
        Of the draw and of what is fitted.
    cores
        Which the process may run on, apart from that on which it is kept.
    """
    paths = paths or default_corpora()
    data: dict[str, Any] = {"seed": seed, "rounds": rounds, "corpora": [], "agreement": [], "rows": []}
    report = Report("koudai beside its peers, on one core", HEADER, machine.describe(cores), data)
    for path in paths:
        posts = load(path, most=most, seed=seed)
        with tempfile.TemporaryDirectory() as folder:
            tasks = Tasks(posts, few=min(few, len(posts)), folder=Path(folder), seed=seed)
            data["corpora"].append(_described(tasks))
            data["agreement"] += tasks.agreement
            report.notes.append(_note(data["corpora"][-1], tasks))
            for task in _tasks(tasks, cores):
                _time(report, task, corpus=posts.name, rounds=rounds, least=least)
            if path == paths[-1]:
                task = starting(tasks.model(BOTH, CATEGORIES), posts, Path(folder), cores)
                _time(report, task, corpus="", rounds=rounds, least=least)
    if all(path.resolve() == BUNDLED for path in paths):
        report.notes.append("The real corpora are not here: these are the posts bundled with koudai.")
    report.bars += [bar for corpus in data["corpora"] for bar in _bars(data, corpus["name"])]
    report.bars += _start_bars(data["rows"])
    return report


def _tasks(tasks: Tasks, cores: tuple[int, ...]) -> Iterator[Task]:
    yield tasks.cutting()
    for features in FEATURES:
        yield from tasks.vectorising(features)
    yield tasks.fitting()
    for features in FEATURES:
        for n in (1, CATEGORIES):
            yield tasks.scoring(features, n)
    yield tasks.second_core(WORDS, 1, cores)
    yield tasks.second_core(BOTH, CATEGORIES, cores)


def _time(report: Report, task: Task, *, corpus: str, rounds: int, least: float) -> None:
    name = " ".join(filter(None, [corpus, task.name]))
    sys.stderr.write(f"timing {name}\n")
    rows = rows_of(task, alternate(task.ways, rounds=rounds, least=least), corpus=corpus)
    report.data["rows"] += rows
    report.table += [[]] * bool(report.table)
    report.table += [[name if row is rows[0] else "", *_cells(row)] for row in rows]


def _cells(row: dict[str, Any]) -> list[str]:
    if row["lacks"]:
        return [row["way"], NONE, NONE, row["lacks"], NONE, NONE, NONE]
    return [
        row["way"],
        spread(row["against_a"]),
        spread(row["against_b"]),
        spread(row["posts_per_second"]),
        number(row["megabytes_per_second"]),
        number(statistics.median(row["seconds"])),
        f"{row['posts']:,}",
    ]


def _described(tasks: Tasks) -> dict[str, Any]:
    posts = tasks.posts
    return {"name": posts.name, "posts": len(posts), "bytes": posts.n_bytes, "cut_as_jieba": tasks.same_words()}


def _note(corpus: dict[str, Any], tasks: Tasks) -> str:
    """Return what else is to be said of a corpus."""
    differ = max(one["largest_difference"] for one in tasks.agreement)
    same = corpus["cut_as_jieba"]
    words = ", ".join(f"{name} {share:.1%}" for name, share in same.items() if name != "posts")
    return (
        f"{corpus['name']}: {corpus['posts']:,} posts of {corpus['bytes'] / corpus['posts']:.0f} bytes on average; "
        f"cut exactly as jieba cuts them, of {same['posts']:,}: {words}; "
        f"koudai's probabilities differ from scikit-learn's by {differ:.1g} at most."
    )


def _bars(data: dict[str, Any], corpus: str) -> list[Bar]:
    """Return the bars that one corpus is held to: of several tasks, the slowest counts."""
    rows = [row for row in data["rows"] if row["corpus"] == corpus]
    differ = max(one["largest_difference"] for one in data["agreement"] if one["corpus"] == corpus)

    def least(task: str, against: str, way: str = KOUDAI) -> float | None:
        mine = [row for row in rows if row["way"] == way and re.match(rf"{re.escape(task)}($|[,:])", row["task"])]
        found = [row.get(against) for row in mine]
        return min((one["median"] for one in found if one), default=None)

    bigrams, plain = (least(f"score: {WORDS}", "against_b", way) for way in (WITH_BIGRAMS, KOUDAI))
    beside = plain / bigrams if plain and bigrams else None
    second = least("second core", "against_a", TWO)
    gain = None if second is None else second - 1
    sklearn, fasttext = "× jieba + scikit-learn", "× rjieba + fastText"
    return [
        Bar(f"{corpus}: difference from scikit-learn's probabilities", TOLERANCE, differ, below=True),
        Bar(f"{corpus}: score, words, {sklearn}", 40, least(f"score: {WORDS}", "against_a"), aim=100),
        Bar(f"{corpus}: score, {BOTH}, {sklearn}", 25, least(f"score: {BOTH}", "against_a"), aim=60),
        Bar(f"{corpus}: score, words, {fasttext}", 8, plain, why_not=INSTALL),
        Bar(f"{corpus}: score, words, {fasttext} with bigrams", 8, beside, why_not=INSTALL),
        Bar(f"{corpus}: fit_transform, words, {sklearn}", 40, least(f"fit_transform: {WORDS}", "against_a")),
        Bar(f"{corpus}: gain of the second core", 0.8, gain, why_not="one core only"),
    ]


def _start_bars(rows: list[dict[str, Any]]) -> list[Bar]:
    seconds = {row["way"]: statistics.median(row["seconds"]) for row in rows if row["task"] == START}
    return [
        Bar("koudai --help, seconds", 0.3, seconds[HELP], below=True),
        Bar("koudai score of ten posts, seconds", 1.5, seconds[TEN], below=True),
    ]
