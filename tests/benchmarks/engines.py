"""The engines on the same cores: the time of a whole job with Dask and with processes, beside threads.

``python -m tests.benchmarks.engines --help``. A job is a process of its own: importing, connecting, surveying the
input and loading the model, here and in the workers, are counted; starting Dask's scheduler and workers is not. Rounds
alternate, and a ratio is taken within a round. All leave the same bytes, which is checked.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from koudai.config.load import load_config
from koudai.config.train import TrainConfig
from koudai.storage.durable import sha256_bytes
from koudai.training.prepare import prepare
from koudai.training.train import train_model
from tests.benchmarks import machine, process
from tests.benchmarks.measure import Spread
from tests.benchmarks.posts import default_corpora, find, read_texts, write_sample
from tests.benchmarks.report import Bar, Report, number, spread
from tests.benchmarks.scale import default_config
from tests.scoring.engines.clusters import dask_scheduler, dask_workers

HEADER = ["input", "engine", "time × local", "posts/s", "seconds", "posts"]
FORMATS = ("parquet", "csv")
LOCAL, DASK, PROCESSES = "local", "dask", "processes"
MOST = 1.25
"""What a job with Dask may take, by the time of threads on the same cores."""


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.engines", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--corpus", type=Path, help="posts are drawn from it [default: weibo21, else the bundled ones]")
    parser.add_argument("--config", type=Path, help="what is trained [default: rumour-weibo21, else demo]")
    parser.add_argument("--posts", type=int, default=1_400_000)
    parser.add_argument("--shard-size", type=int, default=50_000)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--engines", nargs="+", choices=(DASK, PROCESSES), default=[DASK, PROCESSES])
    parser.add_argument("--workers", type=int, help="threads, or processes of one thread [default: one for each core]")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--folder", type=Path, help="where inputs and jobs are written: a disk, not memory")
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/speed.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        report = compared(
            options.corpus or default_corpora()[0],
            options.config or default_config(),
            engines=options.engines,
            formats=options.formats,
            posts=options.posts,
            shard_size=options.shard_size,
            workers=options.workers or len(machine.cores()),
            rounds=options.rounds,
            seed=options.seed,
            folder=Path(folder).resolve(),
        )
    report.publish(as_json=options.as_json, markdown=options.markdown, name="engines")


def compared(
    corpus: Path,
    config: Path,
    *,
    engines: list[str],
    formats: list[str],
    posts: int,
    shard_size: int,
    workers: int,
    rounds: int,
    seed: int,
    folder: Path,
) -> Report:
    """Do the same job with every engine, in turn, round after round, after one round that is not counted."""
    where = machine.describe(machine.cores())
    _write(corpus, folder, posts, seed)
    _train(config, folder / "bundle")
    ways = [(kind, engine) for kind in formats for engine in (LOCAL, *engines)]
    seconds: dict[tuple[str, str], list[float]] = {way: [] for way in ways}
    left: dict[str, set[str]] = {kind: set() for kind in formats}
    with _cluster(folder, workers if DASK in engines else 0) as scheduler:
        for turn in range(rounds + 1):
            for kind, engine in ways:
                ran, bytes_left = _job(folder, kind, engine, shard_size, workers, scheduler)
                left[kind].add(bytes_left)
                if turn:
                    seconds[kind, engine].append(ran.seconds)
    if any(len(found) != 1 for found in left.values()):
        message = "the engines left different bytes"
        raise RuntimeError(message)
    rows = [_row(way, seconds[way], seconds[way[0], LOCAL], posts) for way in ways]
    data = {"seed": seed, "rounds": rounds, "corpus": corpus.stem, "config": config.stem, "workers": workers}
    report = Report(f"engines, {workers} workers", HEADER, where, {**data, "rows": rows})
    for kind in formats:
        report.table += [[]] * bool(report.table) + [_cells(row) for row in rows if row["input"] == kind]
    ratios = {(row["input"], row["engine"]): row["against_local"]["median"] for row in rows}
    report.bars = [
        Bar(f"dask by local, {posts:,} posts, {kind}", MOST, ratios.get((kind, DASK)), below=True) for kind in formats
    ]
    report.notes = [f"Posts drawn from {corpus.stem}; model {config.stem}; every engine left the same bytes."]
    return report


@contextlib.contextmanager
def _cluster(folder: Path, workers: int) -> Iterator[str | None]:
    if not workers:
        yield None
        return
    (folder / "dask").mkdir()
    with (
        dask_scheduler(folder / "dask") as (address, _),
        dask_workers(address, folder / "dask", workers=workers),
    ):
        yield address


def _write(corpus: Path, folder: Path, posts: int, seed: int) -> None:
    import pyarrow.csv
    import pyarrow.parquet as pq

    write_sample(folder / "posts.parquet", read_texts(corpus)[0], posts, seed=seed)
    with (
        pq.ParquetFile(folder / "posts.parquet") as file,
        pyarrow.csv.CSVWriter(folder / "posts.csv", file.schema_arrow) as out,
    ):
        for batch in file.iter_batches():
            out.write_batch(batch)


def _train(config: Path, bundle: Path) -> None:
    weibo21 = find("weibo21.parquet")
    train_model(prepare(load_config(TrainConfig, config), config, folders=(weibo21.parent,) if weibo21 else ()), bundle)


def _job(
    folder: Path, kind: str, engine: str, shard_size: int, workers: int, scheduler: str | None
) -> tuple[process.Ran, str]:
    """Do one job; return what it took and a digest of its shards."""
    out = folder / "job"
    command = [process.PYTHON, "-m", "tests.benchmarks.engine_job", engine, folder / "bundle", folder / f"posts.{kind}"]
    command += [out, "--workers", str(workers), "--shard-size", str(shard_size)]
    try:
        ran = process.run([*command, *(["--scheduler", scheduler] if engine == DASK and scheduler else [])])
        shards = sorted((out / "shards").rglob("*.parquet"))
        return ran, sha256_bytes(b"".join(path.read_bytes() for path in shards))
    finally:
        shutil.rmtree(out, ignore_errors=True)


def _row(way: tuple[str, str], seconds: list[float], local: list[float], posts: int) -> dict[str, Any]:
    ratio = Spread.of([mine / theirs for mine, theirs in zip(seconds, local, strict=True)])
    rate = Spread.of([posts / one for one in seconds])
    return {
        "input": way[0],
        "engine": way[1],
        "posts": posts,
        "seconds": seconds,
        "posts_per_second": asdict(rate),
        "against_local": asdict(ratio),
    }


def _cells(row: dict[str, Any]) -> list[str]:
    rates = [spread(row["against_local"]), spread(row["posts_per_second"])]
    return [row["input"], row["engine"], *rates, number(Spread.of(row["seconds"]).median), f"{row['posts']:,}"]


if __name__ == "__main__":
    main()
