"""``koudai score`` as a command of this checkout beside another one, in turns: ten posts, then many.

``python -m tests.benchmarks.starting --help``; ``docs/results/speed.md`` says what is measured. Every checkout trains
the demo's model by itself, which is not timed. Empty caches hold jieba's dictionary, which is kept for longer.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import machine, process
from tests.benchmarks.audit_job import OTHER, THIS, Checkout
from tests.benchmarks.measure import Spread
from tests.benchmarks.posts import ROOT, default_corpora, load, write_sample
from tests.benchmarks.report import NONE, Bar, Report, number, spread

HEADER = ["what", "checkout", "× processor", "× clock", "processor, s", "clock, s", "rounds"]
WARM, COLD, CARRIED = "ten posts, warm cache", "ten posts, empty cache", "ten posts, empty cache, KOUDAI_CACHE"


@dataclass(frozen=True)
class Took:
    """Seconds of the processor over all threads, and by the clock."""

    processor: float
    clock: float


@dataclass(frozen=True)
class Scoring:
    """A checkout with a model of its own, and the caches that it is run with."""

    checkout: Checkout

    def prepare(self) -> None:
        """Train the demo's model, which fills the cache."""
        folder = self.checkout.folder
        folder.mkdir(parents=True)
        self._run("train", self.checkout.root / "configs" / "train" / "demo.toml", "--out", folder / "model")

    def score(self, posts: Path, *, cache: str = "cache", carried: Path | None = None) -> Took:
        """Score once, into a folder that is removed."""
        out = self.checkout.folder / "job"
        shutil.rmtree(out, ignore_errors=True)
        return self._run("score", self.checkout.folder / "model", posts, "--out", out, cache=cache, carried=carried)

    def emptied(self) -> str:
        """Make a cache that holds the dictionary alone; return its name."""
        folder = self.checkout.folder
        shutil.rmtree(folder / "empty", ignore_errors=True)
        (folder / "empty" / "koudai").mkdir(parents=True, mode=0o700)
        for kept in (folder / "cache" / "koudai").glob("dictionary-*"):
            shutil.copytree(kept, folder / "empty" / "koudai" / kept.name)
        return "empty"

    def warm(self) -> Path:
        """Write the kernels into a folder to be carried."""
        self._run("warm", self.checkout.folder / "carried")
        return self.checkout.folder / "carried"

    def run(self, *command: str | Path, cache: str = "cache", carried: Path | None = None) -> process.Ran:
        """Run a verb with one of the caches."""
        environ = {"XDG_CACHE_HOME": str(self.checkout.folder / cache), "PYTHONDONTWRITEBYTECODE": ""}
        if carried is not None:
            environ["KOUDAI_CACHE"] = str(carried)
        return process.run_verb(self.checkout.root, *command, environ=environ)

    def _run(self, *command: str | Path, cache: str = "cache", carried: Path | None = None) -> Took:
        ran = self.run(*command, cache=cache, carried=carried)
        return Took(ran.processor, ran.seconds)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.starting", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--other", type=Path, help="another checkout; with .venv, where it needs other packages")
    parser.add_argument("--corpus", type=Path, nargs="+", default=[], help="Parquet with text")
    parser.add_argument("--posts", type=int, default=200_000, help="how many are many [default: %(default)s]")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold-rounds", type=int, default=2, help="with an empty cache")
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/speed.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        report = started(options, Path(name))
    report.publish(as_json=options.as_json, markdown=options.markdown, name="starting")


def started(options: argparse.Namespace, folder: Path) -> Report:
    """Score with this checkout and the other, in turn, round after round."""
    where = machine.describe(machine.cores())
    corpora = options.corpus or default_corpora()
    texts = [text for path in corpora for text in load(path, most=None, seed=options.seed).texts]
    ten, many = folder / "ten.parquet", folder / "many.parquet"
    write_sample(ten, texts, 10, seed=options.seed)
    write_sample(many, texts, options.posts, seed=options.seed)
    roots = {**({} if options.other is None else {OTHER: options.other.resolve()}), THIS: ROOT}
    ways = {name: Scoring(Checkout(root, folder / name.replace(" ", "-"))) for name, root in roots.items()}
    for way in ways.values():
        way.prepare()
        way.score(ten)
    carried = ways[THIS].warm()
    lot = f"{options.posts:,} posts"
    tasks: list[tuple[str, int, dict[str, Callable[[], Took]]]] = [
        (WARM, options.rounds, {name: _run(way, ten) for name, way in ways.items()}),
        (COLD, options.cold_rounds, {name: _run(way, ten, empty=True) for name, way in ways.items()}),
        (
            CARRIED,
            options.cold_rounds,
            {name: _run(way, ten, empty=True, carried=carried if name == THIS else None) for name, way in ways.items()},
        ),
        (lot, options.rounds, {name: _run(way, many) for name, way in ways.items()}),
    ]
    report = Report("koudai score, this checkout beside another", HEADER, where, {"seed": options.seed})
    rows: list[dict[str, Any]] = []
    for what, rounds, runs in tasks:
        took: dict[str, list[Took]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                took[name].append(run())
        for name, mine in took.items():
            row, cells = _row(what, name, mine, took.get(OTHER, []))
            rows.append(row)
            report.table.append(cells)
        wanted = {WARM: 0.6, COLD: 0.4, CARRIED: 0.4, lot: 1 / 1.5}[what]
        for kind in ("processor", "clock"):
            got = rows[-1][f"of_{kind}"]
            report.bars.append(
                Bar(f"{what}, × {kind} of the other checkout", wanted, got and got["median"], below=True)
            )
    report.data["rows"] = rows
    drawn = ", ".join(path.stem for path in corpora)
    report.notes = [f"Posts drawn from {drawn}; the demo's model of each checkout; medians of the rounds."]
    return report


def _run(way: Scoring, posts: Path, *, empty: bool = False, carried: Path | None = None) -> Callable[[], Took]:
    def run() -> Took:
        return way.score(posts, cache=way.emptied() if empty else "cache", carried=carried)

    return run


def _row(what: str, name: str, mine: list[Took], its: list[Took]) -> tuple[dict[str, Any], list[str]]:
    row: dict[str, Any] = {"what": what, "checkout": name, "rounds": [asdict(one) for one in mine]}
    cells = [what, name]
    for kind in ("processor", "clock"):
        ratios = [getattr(a, kind) / getattr(b, kind) for a, b in zip(mine, its, strict=False)]
        row[f"of_{kind}"] = asdict(Spread.of(ratios)) if ratios else None
        cells.append(spread(asdict(Spread.of(ratios))) if ratios else NONE)
    cells += [number(statistics.median([getattr(one, kind) for one in mine])) for kind in ("processor", "clock")]
    return row, [*cells, str(len(mine))]


if __name__ == "__main__":
    main()
