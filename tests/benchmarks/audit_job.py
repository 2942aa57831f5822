"""``koudai audit`` as a whole, from the job to the page, of this checkout beside another one, in turns.

``python -m tests.benchmarks.audit_job --help``; ``docs/results/speed.md`` says what is measured. Every checkout trains
the demo's model and scores the same posts by itself, which is not timed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import machine, process
from tests.benchmarks.measure import Spread
from tests.benchmarks.posts import ROOT, default_corpora, load
from tests.benchmarks.report import NONE, Bar, Report, number, spread

HEADER = [
    "posts",
    "checkout",
    "× processor",
    "× clock",
    "processor, s",
    "clock, s",
    "drawing, s",
    "MB, largest process",
]
OTHER, THIS = "the other", "this"
MILLION = 1_000_000
CONFIG = """
casebook = "CASEBOOK"

[run]
name = "timing"
taxonomy = "cac-2023"

[outcome]
column = "fate"
removed = ["removed"]
kept = ["kept"]
[outcome.silent]
author = "the author's own act"

[period]
column = "date"
every = "quarter"

[[corpus]]
source = "seed"
splits = ["test"]
"""
COLUMNS = ("date", "fate", "topic")


@dataclass(frozen=True)
class Timing:
    """One audit: seconds of the processor over all processes and threads, seconds by the clock, megabytes of the
    largest process; and seconds of the processor that drawing its page once more takes, the start of koudai included.
    """

    processor: float
    clock: float
    megabytes: float | None
    drawing: float


@dataclass(frozen=True)
class Checkout:
    """A checkout of koudai: its folder, and the folder that its files of one size go to."""

    root: Path
    folder: Path

    def prepare(self, posts: Path) -> None:
        """Train the demo's model and score some posts."""
        self.folder.mkdir(parents=True)
        process.run_verb(
            self.root, "train", self.root / "configs" / "train" / "demo.toml", "--out", self.folder / "model"
        )
        keep = [part for name in COLUMNS for part in ("--keep", name)]
        process.run_verb(self.root, "score", self.folder / "model", posts, *keep, "--out", self.folder / "job")
        casebook = self.root / "data" / "casebook" / "cases.jsonl"
        (self.folder / "audit.toml").write_text(CONFIG.replace("CASEBOOK", casebook.as_posix()), encoding="utf-8")

    def audit(self) -> Timing:
        """Audit the job anew, refits included."""
        out = self.folder / "audit"
        for one in (out, self.folder / "audit.refits"):
            shutil.rmtree(one, ignore_errors=True)
        given = ("--model", self.folder / "model", "--scores", self.folder / "job", "--tables", "none")
        ran = process.run_verb(self.root, "audit", self.folder / "audit.toml", *given, "--out", out)
        drawn = process.run_verb(self.root, "render", out / "report.json", "--out", self.folder / "page.html")
        return Timing(ran.processor, ran.seconds, ran.largest_mb, drawn.processor)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.audit_job", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--other", type=Path, help="another checkout; with .venv, where it needs other packages")
    parser.add_argument("--corpus", type=Path, nargs="+", default=[], help="Parquet with text")
    parser.add_argument("--sizes", default="100000,1000000", help="posts, with commas between [default: %(default)s]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--folder", type=Path, help="where jobs and audits go, to be kept [default: a temporary one]")
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/speed.md")
    options = parser.parse_args(arguments)
    sizes = [int(one) for one in options.sizes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        report = audited(
            options.corpus or default_corpora(),
            sizes=sizes,
            other=options.other,
            rounds=options.rounds,
            seed=options.seed,
            folder=options.folder or Path(folder),
        )
    report.publish(as_json=options.as_json, markdown=options.markdown, name="audit_job")


def audited(
    corpora: list[Path], *, sizes: list[int], other: Path | None, rounds: int, seed: int, folder: Path
) -> Report:
    """Audit posts drawn from `corpora` with this checkout and another, in turn, round after round."""
    where = machine.describe(machine.cores())
    roots = {**({} if other is None else {OTHER: other.resolve()}), THIS: ROOT}
    pool = [text for path in corpora for text in load(path, most=None, seed=seed).texts]
    rows: list[dict[str, Any]] = []
    bars = []
    for size in sizes:
        posts = folder / f"{size}.parquet"
        posts.parent.mkdir(parents=True, exist_ok=True)
        write_posts(posts, pool, size, seed=seed)
        ways = {name: Checkout(root, folder / f"{size}-{name.replace(' ', '-')}") for name, root in roots.items()}
        for way in ways.values():
            way.prepare(posts)
        ran: dict[str, list[Timing]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                ran[name].append(way.audit())
        of_size = [_row(name, size, ran) for name in ways]
        rows += of_size
        for kind, wanted in (("processor", 1.0 if size < MILLION else 0.5), ("clock", 1.0 if size < MILLION else 0.4)):
            got = of_size[-1][f"of_{kind}"]
            bars.append(
                Bar(f"{size:,} posts, × {kind} of the other checkout", wanted, got and got["median"], below=True)
            )
    data = {"seed": seed, "rounds": rounds, "other": str(other), "rows": rows}
    report = Report("koudai audit, from the job to the page", HEADER, where, data, bars=bars)
    report.table = [_cells(row) for row in rows]
    report.notes = [
        f"Posts drawn with replacement from {', '.join(path.stem for path in corpora)}, two of three numbered; made-up "
        "outcomes, and dates in two years; the demo's labelled posts and the casebook. Medians of the rounds."
    ]
    return report


def write_posts(path: Path, pool: list[str], n: int, *, seed: int) -> None:
    """Write `n` posts drawn from `pool` with replacement, two of three with their number behind, with made-up dates,
    outcomes and topics.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(seed)
    drawn = random.integers(0, len(pool), n)
    months = np.datetime64("2022-01", "M") + random.integers(0, 24, n)
    fates = np.array(["removed", "kept", "author"], dtype=object)
    columns = {
        "post_id": [f"p{number}" for number in range(n)],
        "text": [f"{pool[i]}{number if number % 3 else ''}" for number, i in enumerate(drawn.tolist())],
        "date": [f"{month}-05" for month in months.astype(str).tolist()],
        "fate": fates[random.integers(0, len(fates), n)].tolist(),
        "topic": [f"topic {one}" for one in random.integers(0, 12, n).tolist()],
    }
    pq.write_table(pa.table(columns), path)


def _row(name: str, size: int, ran: dict[str, list[Timing]]) -> dict[str, Any]:
    mine, its = ran[name], ran.get(OTHER, [])
    row: dict[str, Any] = {"posts": size, "checkout": name, "rounds": [asdict(one) for one in mine]}
    for kind in ("processor", "clock"):
        ratios = [getattr(a, kind) / getattr(b, kind) for a, b in zip(mine, its, strict=False)]
        row[f"of_{kind}"] = asdict(Spread.of(ratios)) if ratios else None
    return row


def _cells(row: dict[str, Any]) -> list[str]:
    def median(kind: str) -> str:
        values = [one[kind] for one in row["rounds"] if one[kind] is not None]
        return number(statistics.median(values)) if values else NONE

    ratios = [spread(row[kind]) for kind in ("of_processor", "of_clock")]
    figures = [median(kind) for kind in ("processor", "clock", "drawing", "megabytes")]
    return [f"{row['posts']:,}", row["checkout"], *ratios, *figures]


if __name__ == "__main__":
    main()
