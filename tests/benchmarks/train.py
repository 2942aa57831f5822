"""Training: ``koudai train`` as a whole, beside another checkout's and fastText on posts cut before, on all cores.

``python -m tests.benchmarks.train --help``; ``docs/results/speed.md`` says what is measured and how to read it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import machine, peers, process
from tests.benchmarks.measure import Spread
from tests.benchmarks.posts import BUNDLED, ROOT, Posts, find, load
from tests.benchmarks.report import NONE, Bar, Report, number, spread

HEADER = [
    "way",
    "× fastText, 5 epochs",
    "× fastText, 25 epochs, bigrams",
    "clock × the other",
    "processor × the other",
    "bytes a post × the other",
    "seconds",
    "processor, s",
    "MB, largest process",
    "bytes a post",
    "posts",
]
KOUDAI, FIVE, MANY = "koudai train", "fastText, 5 epochs", "fastText, 25 epochs, bigrams"
OTHER = "koudai train, the other checkout"
CUT = "cutting by jieba, for fastText"
BARS = {"of_clock": ("clock", 0.65), "of_processor": ("processor", 1.0), "of_bytes": ("bytes a post", 0.6)}
BYTES_A_POST = 2000
"""That two million posts take at most 4 GB."""
QUARTER = 4
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


@dataclass(frozen=True)
class Training:
    """Training by one checkout on all posts and on a quarter of them: how the first ran, and by how many bytes its
    largest process took more for each post more; None where memory cannot be read.
    """

    ran: process.Ran
    bytes_a_post: float | None


@dataclass(frozen=True)
class Checkout:
    """A checkout of koudai, the folders with all posts and with a quarter of them, and its name of the classifier."""

    root: Path
    whole: Path
    quarter: Path
    n_more: int
    classifier: str

    def train(self) -> Training:
        """Train on both."""
        few, ran = self.run(self.quarter), self.run(self.whole)
        if few.largest_mb is None or ran.largest_mb is None:
            return Training(ran, None)
        return Training(ran, (ran.largest_mb - few.largest_mb) * 2**20 / self.n_more)

    def run(self, folder: Path) -> process.Ran:
        """Train on the posts of a folder."""
        out, config = folder / "bundle", folder / "timing.toml"
        shutil.rmtree(out, ignore_errors=True)
        config.write_text(CONFIG.replace("CLASSIFIER", self.classifier), encoding="utf-8")
        return process.run_verb(self.root, "train", config, "--out", out)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.train", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--corpus", type=Path, help="[default: chnci_incident_comments, else the bundled posts]")
    parser.add_argument("--posts", type=int, help="posts drawn from it [default: all]")
    parser.add_argument("--classifier", default="DualLinearSVC")
    parser.add_argument("--other", type=Path, help="another checkout; with .venv, where it needs other packages")
    parser.add_argument("--other-classifier", help="what it calls the classifier [default: the same]")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True, help="fastText, too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/speed.md")
    options = parser.parse_args(arguments)
    posts = load(
        options.corpus or find("chnci_incident_comments.parquet") or BUNDLED, most=options.posts, seed=options.seed
    )
    checkouts = {} if options.other is None else {OTHER: (options.other, options.other_classifier)}
    with tempfile.TemporaryDirectory() as folder:
        report = trained(
            posts,
            {name: (root.resolve(), own or options.classifier) for name, (root, own) in checkouts.items()}
            | {KOUDAI: (ROOT, options.classifier)},
            rounds=options.rounds,
            seed=options.seed,
            folder=Path(folder),
            beside=options.peers,
        )
    report.publish(as_json=options.as_json, markdown=options.markdown, name="train")


def trained(
    posts: Posts,
    checkouts: dict[str, tuple[Path, str]],
    *,
    rounds: int,
    seed: int,
    folder: Path,
    beside: bool = True,
) -> Report:
    """Train on `posts` every way, in turn, round after round; each time in a new process.

    Parameters
    ----------
    posts
        The last fifth of them is koudai's test side; fastText does not see it.
    checkouts
        The folder of this checkout, by the name `KOUDAI`, and perhaps of another, by the name `OTHER`; each with what
        it calls the classifier, whose parameters are its defaults.
    rounds, seed
        How often each way runs, and the seed of fastText.
    folder
        For everything that is read and written.
    beside
        Whether fastText trains beside them.
    """
    cores = machine.cores()
    where = machine.describe(cores)
    n_fit = _n_fit(len(posts))
    whole, quarter = (_write(part, folder / name) for name, part in (("all", posts), ("few", _few(posts))))
    n_more = len(posts) - len(_few(posts))
    koudai = {name: Checkout(root, whole, quarter, n_more, own) for name, (root, own) in checkouts.items()}
    for one in koudai.values():
        one.run(quarter)
    others = dict(_fasttext(posts, n_fit, seed, cores, whole)) if beside else {}
    ran: dict[str, list[process.Ran]] = {name: [] for name in others}
    ours: dict[str, list[Training]] = {name: [] for name in koudai}
    for _ in range(rounds):
        for name, run in others.items():
            ran[name].append(run())
        for name, one in koudai.items():
            ours[name].append(one.train())
    ran |= {name: [one.ran for one in trainings] for name, trainings in ours.items()}
    names = [FIVE, MANY, CUT] if beside else []
    rows = [_row(name, ran, ours, len(posts) if name in ours else n_fit) for name in (*names, *ours)]
    corpus = {"name": posts.name, "posts": len(posts), "bytes": posts.n_bytes, "fitted_on": n_fit}
    data = {"seed": seed, "rounds": rounds, "checkouts": {name: own for name, (_, own) in checkouts.items()}}
    report = Report(f"koudai train on {len(cores)} cores", HEADER, where, data | {"corpus": corpus, "rows": rows})
    report.table = [_cells(row) for row in rows]
    report.bars = _bars(posts.name, rows[-1], _with_cutting(ran), beside)
    report.notes = [
        f"{posts.name}: {len(posts):,} posts of {posts.n_bytes / len(posts):.0f} bytes on average; koudai reads, cuts "
        f"and compares them all, fits and calibrates {checkouts[KOUDAI][1]} on {n_fit:,}, tests on the others, and "
        f"writes the bundle; fastText trains on the same {n_fit:,}, cut before. What the label says is not among "
        "koudai's categories: it serves for timing. Bytes a post: what the largest process takes more for each post "
        "more than a quarter of them."
    ]
    return report


def _n_fit(n: int) -> int:
    return n - round(TEST_SHARE * n)


def _few(posts: Posts) -> Posts:
    return posts.part(0, len(posts) // QUARTER)


def _write(posts: Posts, folder: Path) -> Path:
    """Write posts and taxonomy into a new folder, and return it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    n_fit = _n_fit(len(posts))
    (folder / "taxonomies").mkdir(parents=True)
    columns = {
        "post_id": [f"post-{number:07d}" for number in range(len(posts))],
        "text": posts.texts,
        "label": [str(label) for label in posts.labels[:, 0]],
        "split": ["train" if place < n_fit else "test" for place in range(len(posts))],
    }
    pq.write_table(pa.table(columns), folder / "posts.parquet")
    (folder / "taxonomies" / "timing.toml").write_text(TAXONOMY, encoding="utf-8")
    return folder


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


def _bars(corpus: str, row: dict[str, Any], with_cutting: dict[str, float] | None, beside: bool) -> list[Bar]:
    what = f"{corpus}: koudai train"
    bars = [
        Bar(f"{what}, {kind} × the other checkout's", wanted, _median(row[key]), below=True)
        for key, (kind, wanted) in BARS.items()
    ]
    taken = statistics.median(row["bytes_a_post"]) if row["bytes_a_post"] else None
    bars.append(Bar(f"{what}, bytes a post (an aim)", BYTES_A_POST, taken, below=True))
    for name, wanted, got in (
        (FIVE, 1, row["against_five"]),
        (MANY, 1, row["against_many"]),
        (f"{MANY}, and cutting", 3, with_cutting),
    ):
        bars.append(Bar(f"{what}, × {name}", wanted, _median(got), why_not=peers.INSTALL if beside else ""))
    return bars


def _with_cutting(ran: dict[str, list[process.Ran]]) -> dict[str, float] | None:
    """Return how many times as long as koudai fastText takes with bigrams, the cutting by jieba included."""
    rounds = list(zip(*(ran.get(name, []) for name in (MANY, CUT, KOUDAI)), strict=False))
    ratios = [(many.seconds + cut.seconds) / koudai.seconds for many, cut, koudai in rounds]
    return _spread(ratios)


def _row(name: str, ran: dict[str, list[process.Ran]], ours: dict[str, list[Training]], posts: int) -> dict[str, Any]:
    mine = ran.get(name, [])
    row: dict[str, Any] = {"way": name, "posts": posts, "lacks": "" if mine else peers.INSTALL}
    for key, other in (("against_five", FIVE), ("against_many", MANY)):
        row[key] = _spread(
            [theirs.seconds / one.seconds for theirs, one in zip(ran.get(other, []), mine, strict=False)]
        )
    pairs = list(zip(ours.get(name, []), ours.get(OTHER, []), strict=False))
    row["of_clock"] = _spread([one.ran.seconds / other.ran.seconds for one, other in pairs])
    row["of_processor"] = _spread([one.ran.processor / other.ran.processor for one, other in pairs])
    row["of_bytes"] = _spread(
        [one.bytes_a_post / other.bytes_a_post for one, other in pairs if one.bytes_a_post and other.bytes_a_post]
    )
    row["seconds"] = [one.seconds for one in mine]
    row["processor"] = [one.processor for one in mine]
    row["largest_mb"] = [one.largest_mb for one in mine if one.largest_mb]
    row["bytes_a_post"] = [one.bytes_a_post for one in ours.get(name, []) if one.bytes_a_post]
    return row


def _cells(row: dict[str, Any]) -> list[str]:
    ratios = [spread(row[key]) for key in ("against_five", "against_many", *BARS)]
    if row["lacks"]:
        return [row["way"], *ratios, row["lacks"], NONE, NONE, NONE, NONE]
    figures = [spread(_spread(row[key])) for key in ("seconds", "processor")]
    memory = number(max(row["largest_mb"])) if row["largest_mb"] else NONE
    return [row["way"], *ratios, *figures, memory, spread(_spread(row["bytes_a_post"])), f"{row['posts']:,}"]


def _spread(values: list[float]) -> dict[str, float] | None:
    return asdict(Spread.of(values)) if values else None


def _median(found: dict[str, float] | None) -> float | None:
    return found["median"] if found else None


if __name__ == "__main__":
    main()
