"""Training: ``koudai train`` as a whole, beside fastText on the same posts already cut into words, on all cores.

``python -m tests.benchmarks.train --help``; ``docs/results/speed.md`` says what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import machine, peers, process
from tests.benchmarks.measure import Spread
from tests.benchmarks.posts import BUNDLED, Posts, find, load
from tests.benchmarks.report import NONE, Bar, Report, number, spread

HEADER = ["way", "× fastText, 5 epochs", "× fastText, 25 epochs, bigrams", "seconds", "MB, largest process", "posts"]
KOUDAI, FIVE, MANY = "koudai train", "fastText, 5 epochs", "fastText, 25 epochs, bigrams"
CUT = "cutting by jieba, for fastText"
TEST_SHARE = 0.2
TAXONOMY = """
name = "timing"
version = 1
title = { zh = "只为计时", en = "For timing only" }
source = "made for timing: the corpus's own label stands for nothing that koudai tags"

[[category]]
key = "own"
name = { zh = "只为计时", en = "For timing only" }
wording = { zh = "只为计时", en = "For timing only" }
counts_in = { zh = "只为计时", en = "For timing only" }
counts_out = { zh = "只为计时", en = "For timing only" }
"""
CONFIG = """
[run]
name = "timing"
taxonomy = "timing"

[split]
use = "official"

[model]
classifier = "CLASSIFIER"

[track]
enabled = false

[[corpus]]
[corpus.source]
name = "timing"
file = "posts.parquet"
columns = { label = "label", split = "split" }

[[corpus.source.label]]
source = "1"
category = "own"
says = 1
fit = "proxy"
reason = "for timing only: the corpus's own label"

[[corpus.source.label]]
source = "0"
category = "own"
says = 0
fit = "proxy"
reason = "for timing only: the corpus's own label"
"""
FASTTEXT = """
import json, sys
from pathlib import Path
from tests.benchmarks.peers import fasttext_train
fasttext_train(Path(sys.argv[1]), **json.loads(sys.argv[2]))
"""
CUTTING = """
import sys
from pathlib import Path
from pyarrow.parquet import read_table
from tests.benchmarks.peers import fasttext_line, jieba_cut
texts, cut = read_table(sys.argv[1])["text"].to_pylist()[: int(sys.argv[2])], jieba_cut()
Path(sys.argv[3]).write_text("\\n".join(fasttext_line(cut, text) for text in texts), encoding="utf-8")
"""


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.train", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--corpus", type=Path, help="[default: chnci_incident_comments, else the bundled posts]")
    parser.add_argument("--posts", type=int, help="posts drawn from it [default: all]")
    parser.add_argument("--classifier", default="DualLinearSVC")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/speed.md")
    options = parser.parse_args(arguments)
    posts = load(
        options.corpus or find("chnci_incident_comments.parquet") or BUNDLED, most=options.posts, seed=options.seed
    )
    with tempfile.TemporaryDirectory() as folder:
        report = trained(
            posts, classifier=options.classifier, rounds=options.rounds, seed=options.seed, folder=Path(folder)
        )
    report.publish(as_json=options.as_json, markdown=options.markdown, name="train")


def trained(posts: Posts, *, classifier: str, rounds: int, seed: int, folder: Path) -> Report:
    """Train on `posts` every way, in turn, round after round; each time in a new process.

    Parameters
    ----------
    posts
        The last fifth of them is koudai's test side; fastText does not see it.
    classifier
        A classifier of koudai, with its default parameters.
    rounds, seed
        How often each way runs, and the seed of fastText.
    folder
        For everything that is read and written.
    """
    cores = machine.cores()
    where = machine.describe(cores)
    n_fit = len(posts) - round(TEST_SHARE * len(posts))
    ways = {KOUDAI: _koudai(posts, n_fit, classifier, folder)} | dict(_fasttext(posts, n_fit, seed, cores, folder))
    ran: dict[str, list[process.Ran]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            ran[name].append(run())
    rows = [_row(name, ran.get(name, []), ran, n_fit) for name in (FIVE, MANY, CUT, KOUDAI)]
    corpus = {"name": posts.name, "posts": len(posts), "bytes": posts.n_bytes, "fitted_on": n_fit}
    data = {"seed": seed, "rounds": rounds, "classifier": classifier, "corpus": corpus, "rows": rows}
    report = Report(f"koudai train on {len(cores)} cores", HEADER, where, data)
    report.table = [_cells(row, len(posts)) for row in rows]
    report.bars = [
        Bar(f"{posts.name}: koudai train, × {other}", 1, _median(rows[-1][name]), why_not=peers.INSTALL)
        for name, other in (("against_five", FIVE), ("against_many", MANY))
    ]
    whole = f"{posts.name}: koudai train, × {MANY}, and cutting"
    report.bars.append(Bar(whole, 3, _median(_with_cutting(ran)), why_not=peers.INSTALL))
    report.notes = [
        f"{posts.name}: {len(posts):,} posts of {posts.n_bytes / len(posts):.0f} bytes on average; koudai reads, cuts "
        f"and compares them all, fits and calibrates {classifier} on {n_fit:,}, tests on the others, and writes the "
        f"bundle; fastText trains on the same {n_fit:,}, cut before. What the label says is not among koudai's "
        "categories: it serves for timing."
    ]
    return report


def _koudai(posts: Posts, n_fit: int, classifier: str, folder: Path) -> Callable[[], process.Ran]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        "post_id": [f"post-{number:07d}" for number in range(len(posts))],
        "text": posts.texts,
        "label": [str(label) for label in posts.labels[:, 0]],
        "split": ["train" if place < n_fit else "test" for place in range(len(posts))],
    }
    pq.write_table(pa.table(columns), folder / "posts.parquet")
    (folder / "taxonomies").mkdir()
    (folder / "taxonomies" / "timing.toml").write_text(TAXONOMY, encoding="utf-8")
    config, out = folder / "timing.toml", folder / "bundle"
    config.write_text(CONFIG.replace("CLASSIFIER", classifier), encoding="utf-8")

    def run() -> process.Ran:
        shutil.rmtree(out, ignore_errors=True)
        return process.run([process.PYTHON, "-m", "koudai", "train", config, "--out", out])

    return run


def _fasttext(
    posts: Posts, n_fit: int, seed: int, cores: tuple[int, ...], folder: Path
) -> Iterator[tuple[str, Callable[[], process.Ran]]]:
    if peers.lacks("fasttext"):
        return
    lines = folder / "cut.txt"
    cut = peers.jieba_cut()
    cut_lines = (peers.fasttext_line(cut, text) for text in posts.texts[:n_fit])
    peers.write_fasttext(lines, cut_lines, posts.labels[:n_fit, :1])
    for name, bigrams in ((FIVE, False), (MANY, True)):
        settings = peers.fasttext_settings(1, bigrams=bigrams, seed=seed, threads=len(cores))
        command = [process.PYTHON, "-c", FASTTEXT, lines, json.dumps(settings)]
        yield name, lambda command=command: process.run(command)
    cutting = [process.PYTHON, "-c", CUTTING, folder / "posts.parquet", str(n_fit), folder / "cut-again.txt"]
    yield CUT, lambda: process.run(cutting)


def _with_cutting(ran: dict[str, list[process.Ran]]) -> dict[str, float] | None:
    """Return how many times as long as koudai fastText takes with bigrams, the cutting by jieba included."""
    rounds = list(zip(*(ran.get(name, []) for name in (MANY, CUT, KOUDAI)), strict=False))
    ratios = [(many.seconds + cut.seconds) / koudai.seconds for many, cut, koudai in rounds]
    return asdict(Spread.of(ratios)) if ratios else None


def _row(name: str, ran: list[process.Ran], others: dict[str, list[process.Ran]], n_fit: int) -> dict[str, Any]:
    row: dict[str, Any] = {"way": name, "lacks": "" if ran else peers.INSTALL}
    for key, other in (("against_five", FIVE), ("against_many", MANY)):
        theirs = np.array([one.seconds for one in others.get(other, [])])
        mine = np.array([one.seconds for one in ran])
        row[key] = asdict(Spread.of((theirs / mine).tolist())) if len(theirs) and len(mine) else None
    if ran:
        row["seconds"] = [one.seconds for one in ran]
        row["largest_mb"] = max((one.largest_mb for one in ran if one.largest_mb), default=None)
        row["posts"] = n_fit
    return row


def _cells(row: dict[str, Any], n: int) -> list[str]:
    if row["lacks"]:
        return [row["way"], NONE, NONE, row["lacks"], NONE, NONE]
    memory = NONE if row["largest_mb"] is None else number(row["largest_mb"])
    seconds = spread(asdict(Spread.of(row["seconds"])))
    count = f"{n:,}" if row["way"] == KOUDAI else f"{row['posts']:,}"
    return [row["way"], spread(row["against_five"]), spread(row["against_many"]), seconds, memory, count]


def _median(found: dict[str, float] | None) -> float | None:
    return found["median"] if found else None


if __name__ == "__main__":
    main()
