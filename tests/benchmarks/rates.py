"""Posts per second against posts: ``koudai score`` of ten posts to millions, this checkout beside another, in turns.

``python -m tests.benchmarks.rates --help``; ``docs/results/speed.md`` says what is measured. Each checkout trains by
itself, which is not timed, and has a cache of its own, filled or, of few posts, empty but for jieba's dictionary.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import machine
from tests.benchmarks.audit_job import OTHER, THIS, Checkout
from tests.benchmarks.peers import BOTH, FEATURES, WORDS, with_features
from tests.benchmarks.posts import ROOT, default_corpora, read_texts, write_sample
from tests.benchmarks.rates_chart import Cost, Line, chart_svg
from tests.benchmarks.report import NONE, Bar, Report, number
from tests.benchmarks.scale import CAMPAIGN, FASTER, conserved, default_config
from tests.benchmarks.starting import Scoring

HEADER = ["features", "checkout", "cache", "posts", "posts/s", "seconds", "processor, s", "MB", "rounds"]
SIZES = (10, 100, 1_000, 10_000, 100_000, CAMPAIGN, 10 * CAMPAIGN)
FILLED, EMPTY = "filled", "empty"
SMALL = "hardly any terms"
"""Features of the model with which starting is measured: what it has to load is next to nothing."""
_COMPILES = 1_000
"""So many posts are enough to have everything compiled."""
_FADED = 9
"""A cost has faded to a tenth of the time where all else takes so many times as long."""


@dataclass(frozen=True)
class Ran:
    """One run: seconds by the clock and of the processor, and megabytes of the largest process."""

    seconds: float
    processor: float
    megabytes: float | None


@dataclass(frozen=True)
class Built(Scoring):
    """A checkout with a model for each kind of features."""

    def train(self, features: str, config: Path) -> None:
        """Train with some features, into a bundle called after them."""
        text = (self.checkout.root / config).read_text(encoding="utf-8")
        folder = self.checkout.folder / _name(features)
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(with_features(text, BOTH if features == BOTH else WORDS), encoding="utf-8")
        little = ("--set", "features.min_df=500") if features == SMALL else ()
        self.run("train", folder / "config.toml", *little, "--set", "track.enabled=false", "--out", folder / "model")

    def rate(self, features: str, posts: Path, size: int, *, cache: str) -> Ran:
        """Score once, and account for every post."""
        out = self.checkout.folder / "job"
        ran = self.run(
            "score", self.checkout.folder / _name(features) / "model", posts, "--out", out, cache=_cache(self, cache)
        )
        conserved(out, size)
        shutil.rmtree(out)
        return Ran(ran.seconds, ran.processor, ran.largest_mb)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, draw, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.rates", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--other", type=Path, help="another checkout; with .venv, where it needs other packages")
    parser.add_argument("--called", default="the other", help="what the chart calls it")
    parser.add_argument("--corpus", type=Path, help="posts are drawn from it [default: weibo21, else the bundled ones]")
    parser.add_argument("--config", type=Path, help="what is trained, within each checkout [default: rumour-weibo21]")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of posts, with commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--once-from", type=int, default=5_000_000, help="sizes from here on run once")
    parser.add_argument("--empty-to", type=int, default=100_000, help="sizes up to here also with an empty cache, once")
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--folder", type=Path, help="where inputs and jobs are written: a disk, not memory")
    parser.add_argument("--chart", type=Path, metavar="FILE.svg", help="draw it, once for each kind of features")
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/speed.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        report = rated(options, Path(folder))
    if options.chart:
        for features, drawing in charts(report.data["rows"], report.data["costs"], called=options.called).items():
            named = options.chart.with_stem(f"{options.chart.stem}-{_name(features)}")
            named.write_text(drawing, encoding="utf-8")
    report.publish(as_json=options.as_json, markdown=options.markdown, name="rates")


def rated(options: argparse.Namespace, folder: Path) -> Report:
    """Score samples of each size with this checkout and the other, in turn, round after round."""
    where = machine.describe(machine.cores())
    corpus, config = options.corpus or default_corpora()[0], options.config or default_config().relative_to(ROOT)
    texts, _ = read_texts(corpus)
    sizes = sorted({int(size) for size in options.sizes.split(",")})
    for size in sizes:
        write_sample(folder / f"{size}.parquet", texts, size, seed=options.seed)
    roots = {**({} if options.other is None else {OTHER: options.other.resolve()}), THIS: ROOT}
    ways = {name: Built(Checkout(root, folder / name.replace(" ", "-"))) for name, root in roots.items()}
    first = next((size for size in sizes if size >= _COMPILES), sizes[-1])
    for way in ways.values():
        for features in (SMALL, *FEATURES):
            way.train(features, config)
            way.rate(features, folder / f"{first}.parquet", first, cache=FILLED)
    tasks = [(SMALL, sizes[0], FILLED)]
    tasks += [(features, size, FILLED) for size in sizes for features in FEATURES]
    tasks += [(features, size, EMPTY) for size in sizes if size <= options.empty_to for features in FEATURES]
    ran: dict[tuple[str, str, int, str], list[Ran]] = {}
    for turn in range(options.rounds):
        for features, size, cache in tasks:
            for name, way in ways.items():
                if not turn or (cache == FILLED and size < options.once_from):
                    once = way.rate(features, folder / f"{size}.parquet", size, cache=cache)
                    ran.setdefault((features, name, size, cache), []).append(once)
    rows = [_row(*key, ran=some) for key, some in ran.items()]
    costs = [_costs(rows, features, name, sizes) for features in FEATURES for name in ways]
    data = {"seed": options.seed, "rounds": options.rounds, "corpus": corpus.stem, "config": config.stem}
    report = Report("koudai score, posts per second", HEADER, where, {**data, "rows": rows, "costs": costs})
    for features in (*FEATURES, SMALL):
        report.table += [[]] * bool(report.table) + [_cells(row) for row in rows if row["features"] == features]
    report.bars = _bars(costs, rows, sizes) if OTHER in ways else []
    report.notes = [_note(one) for one in costs] + [
        f"Posts drawn from {corpus.stem} with replacement; medians of the rounds; the model of {config.stem} as each "
        "checkout trains it. Every row was accounted for."
    ]
    return report


def charts(rows: list[dict[str, Any]], costs: list[dict[str, Any]], *, called: str) -> dict[str, str]:
    """Return a drawing for each kind of features, from the figures of a report; the other checkout is `called` so."""
    drawn = {}
    for features in FEATURES:
        lines = []
        for name, cache in ((one, two) for one in (OTHER, THIS) for two in (FILLED, EMPTY)):
            mine = [row for row in rows if (row["features"], row["checkout"], row["cache"]) == (features, name, cache)]
            points = [(row["posts"], row["posts"] / statistics.median(row["seconds"])) for row in mine]
            if points:
                build = ("this build" if name == THIS else called) + ", empty cache" * (cache == EMPTY)
                colour = "accent" if name == THIS else "second"
                lines.append(Line(build, colour, sorted(points), dashed=cache == EMPTY))
        mine = next(one for one in costs if (one["features"], one["checkout"]) == (features, THIS))
        marks = [Cost(what, mine[f"{what} faded at"]) for what in COSTS if mine[f"{what} faded at"] is not None]
        drawn[features] = chart_svg(lines, marks, title=f"koudai score, {features}: posts per second")
    return drawn


COSTS = ("start", "model", "compiling")
"""What is paid once a run: all until ten posts are scored under a model of hardly any terms; what the model of the row
adds to that; what an empty cache adds.
"""


def _costs(rows: list[dict[str, Any]], features: str, name: str, sizes: list[int]) -> dict[str, Any]:
    """Return what each cost takes, in seconds, what a post takes after them, and where each has faded."""

    def seconds(kind: str, size: int, cache: str = FILLED) -> float | None:
        of = (row for row in rows if (row["features"], row["checkout"]) == (kind, name))
        found = next((row for row in of if (row["posts"], row["cache"]) == (size, cache)), None)
        return found and statistics.median(found["seconds"])

    ends = [(size, took) for size in sizes[-2:] if (took := seconds(features, size)) is not None]
    each = (ends[-1][1] - ends[0][1]) / (ends[-1][0] - ends[0][0]) if len(ends) > 1 else None
    start, ten, cold = seconds(SMALL, sizes[0]), seconds(features, sizes[0]), seconds(features, sizes[0], EMPTY)
    found: dict[str, Any] = {"features": features, "checkout": name, "seconds per post": each}
    for what, behind, before in (("start", start, 0.0), ("model", ten, start), ("compiling", cold, ten)):
        took = None if behind is None or before is None else max(0.0, behind - before)
        found[what] = took
        found[f"{what} faded at"] = _FADED * took / each if took and each and each > 0 else None
    return found


def _row(features: str, checkout: str, posts: int, cache: str, *, ran: list[Ran]) -> dict[str, Any]:
    marks = [one.megabytes for one in ran if one.megabytes]
    return {
        "features": features,
        "checkout": checkout,
        "cache": cache,
        "posts": posts,
        "seconds": [one.seconds for one in ran],
        "processor": [one.processor for one in ran],
        "largest_mb": max(marks, default=None),
    }


def _cells(row: dict[str, Any]) -> list[str]:
    seconds, processor = statistics.median(row["seconds"]), statistics.median(row["processor"])
    memory = NONE if row["largest_mb"] is None else number(row["largest_mb"])
    figures = [number(row["posts"] / seconds), number(seconds), number(processor), memory, str(len(row["seconds"]))]
    return [row["features"], row["checkout"], row["cache"], f"{row['posts']:,}", *figures]


def _bars(costs: list[dict[str, Any]], rows: list[dict[str, Any]], sizes: list[int]) -> list[Bar]:
    """Return how many times as fast as the other checkout this one is at the largest size, and in the long run."""
    bars = []
    for features in FEATURES:
        took = {
            row["checkout"]: statistics.median(row["seconds"])
            for row in rows
            if (row["features"], row["posts"], row["cache"]) == (features, sizes[-1], FILLED)
        }
        each = {one["checkout"]: one["seconds per post"] for one in costs if one["features"] == features}
        wanted = FASTER if features == BOTH else 1.35
        bars.append(Bar(f"{features}: {sizes[-1]:,} posts, × the other checkout", wanted, took[OTHER] / took[THIS]))
        steady = each[OTHER] / each[THIS] if each[OTHER] and each[THIS] else None
        bars.append(Bar(f"{features}: steady state, × the other checkout", wanted, steady))
    return bars


def _note(cost: dict[str, Any]) -> str:
    told = [f"{cost['features']}, {cost['checkout']}:"]
    for what in COSTS:
        took, faded = cost[what], cost[f"{what} faded at"]
        if took is not None:
            told.append(f"{what} {number(took)} s" + (f" (a tenth at {number(faded)} posts)," if faded else ","))
    each = cost["seconds per post"]
    return " ".join([*told, f"then {number(1e6 * each)} µs a post." if each else "then not measured."])


def _cache(way: Built, cache: str) -> str:
    return way.emptied() if cache == EMPTY else "cache"


def _name(features: str) -> str:
    return {WORDS: "words", BOTH: "both"}.get(features, "small")


if __name__ == "__main__":
    main()
