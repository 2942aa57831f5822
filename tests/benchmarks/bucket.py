"""A job in a bucket that is killed: beside the same job on a disk, left alone and killed after as many shards.

``python -m tests.benchmarks.bucket --help``; ``docs/results/scale.md`` says more. The store is moto's server, a process
of this machine, on the same cores; receipts are looked for five times a second on disk and in bucket alike, since each
look costs the store more than the job. Ends with an error unless all leave the same bytes.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from koudai.storage.bucket import StorePath, job_path
from tests.benchmarks import machine, process
from tests.benchmarks.posts import ROOT, default_corpora, read_texts, write_sample
from tests.benchmarks.report import Bar, Report, number
from tests.benchmarks.scale import default_config, trained
from tests.corpus.reading.objects import KEYS, serving_objects
from tests.scoring.posts import contents, stored

HEADER = ["where", "way", "× on a disk", "seconds", "work × on a disk", "seconds of a core", "kills", "posts"]
MOST = 1.3
_LOOK_SECONDS = 0.2
SERVE = "import sys; from tests.benchmarks.bucket import serve; serve()"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.bucket", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--corpus", type=Path, help="posts are drawn from it [default: weibo21, else the bundled ones]")
    parser.add_argument("--config", type=Path, help="what is trained [default: rumour-weibo21, else demo]")
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--shard-size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/scale.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        report = in_a_bucket(
            options.corpus or default_corpora()[0],
            options.config or default_config(),
            sizes=(options.posts, options.shard_size),
            kills=options.kills,
            rounds=options.rounds,
            seed=options.seed,
            folder=Path(folder),
        )
    report.publish(as_json=options.as_json, markdown=options.markdown, name="bucket")


def serve() -> None:
    """Serve a store until standard input ends; print the address of its bucket first."""
    with serving_objects() as objects:
        sys.stdout.write(objects.uri("jobs") + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def in_a_bucket(
    corpus: Path, config: Path, *, sizes: tuple[int, int], kills: int, rounds: int, seed: int, folder: Path
) -> Report:
    """Score the same posts on a disk and into a bucket, left alone and killed `kills` times.

    Parameters
    ----------
    corpus, config
        Where posts are drawn from, and what scores them.
    sizes
        Posts, and posts per shard.
    kills, rounds, seed
        Kills of each job that is killed, how often everything is measured, and the seed of posts and kills.
    folder
        Where inputs and jobs are written.

    Raises
    ------
    RuntimeError
        If two jobs differ.
    """
    where = machine.describe(machine.cores())
    os.environ.update(KEYS)
    posts, shard_size = sizes
    inputs = folder / "posts.parquet"
    write_sample(inputs, read_texts(corpus)[0], posts, seed=seed)
    trained(config, "words", folder)
    base = [process.PYTHON, "-m", "koudai", "score", folder / "words", inputs, "--shard-size", shard_size, "--out"]
    command = list(map(str, base))
    seconds: dict[tuple[str, str], list[float]] = {}
    work: dict[tuple[str, str], list[float]] = {}
    struck = {"disk": 0, "bucket": 0}
    server = subprocess.Popen(
        [process.PYTHON, "-c", SERVE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        store = job_path(server.stdout.readline().strip())
        assert isinstance(store, StorePath)
        wanted: dict[str, bytes] | None = None
        for turn in range(rounds):
            marks = _marks(posts, shard_size, kills, seed + turn)
            for place in ("disk", "bucket"):
                for way in ("left alone", "killed and begun again"):
                    name = f"{turn}-{way.split()[0]}"
                    out = folder / name if place == "disk" else store / name
                    begin, worked = time.perf_counter(), _worked()
                    if way != "left alone":
                        for mark in marks:
                            struck[place] += _killed_once([*command, str(out)], _receipts(out), mark)
                    process.run([*command, str(out)])
                    seconds.setdefault((place, way), []).append(time.perf_counter() - begin)
                    work.setdefault((place, way), []).append(_worked() - worked)
                    found = contents(out) if isinstance(out, Path) else stored(out)
                    wanted = wanted or found
                    if found != wanted:
                        message = f"{name} in a {place} differs"
                        raise RuntimeError(message)
    finally:
        if server.stdin:
            server.stdin.close()
        server.wait(15)
    rows = [
        {"where": place, "way": way, "seconds": median(seconds[place, way]), "work": median(work[place, way])}
        | {"against": _against(seconds[place, way], seconds["disk", way])}
        | {"work_against": _against(work[place, way], work["disk", way])}
        | {"kills": struck[place] if way != "left alone" else 0}
        | {"all": seconds[place, way], "all_work": work[place, way]}
        for place, way in seconds
    ]
    data: dict[str, Any] = {"seed": seed, "corpus": corpus.stem, "posts": posts, "shard_size": shard_size, "rows": rows}
    report = Report("a job in a bucket", HEADER, where, data)
    for row in rows:
        told = [number(row[name]) for name in ("against", "seconds", "work_against", "work", "kills")]
        report.table.append([row["where"], row["way"], *told, number(posts)])
    report.bars = [
        Bar(f"{posts:,} posts in a bucket by on a disk, {row['way']}{of}", MOST, row[name], below=True)
        for row in rows
        if row["where"] == "bucket"
        for name, of in (("against", ""), ("work_against", ", work of cores"))
    ]
    report.bars.append(Bar(f"{posts:,} posts, {rounds} rounds: kills in the bucket", kills * rounds, struck["bucket"]))
    report.notes = [
        f"Medians of {rounds} rounds of all four; all jobs hold the same bytes. The store has the same cores; "
        "seconds of a core are those of koudai's processes, all that were killed included, without the store's."
    ]
    return report


def _against(some: list[float], others: list[float]) -> float:
    """Return the median of quotients, each of one round."""
    return median(one / other for one, other in zip(some, others, strict=True))


def _worked() -> float:
    """Return the seconds of a core that ended processes took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _marks(posts: int, shard_size: int, kills: int, seed: int) -> list[int]:
    """Return after how many shards a job is killed, each time."""
    early = range(max(1, -(-posts // shard_size) * 3 // 4))
    return sorted(random.Random(seed).sample(early, min(kills, len(early))))


def _receipts(out: Path | StorePath) -> Callable[[], int]:
    if isinstance(out, Path):
        return lambda: len(list(out.glob("receipts/*.json")))
    return lambda: len((out / "receipts").names())


def _killed_once(command: list[str], receipts: Callable[[], int], mark: int) -> int:
    """Begin the job, kill it once it has so many receipts; return 1 if it was still at work."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    child = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    while child.poll() is None and receipts() < mark:
        time.sleep(_LOOK_SECONDS)
    child.send_signal(signal.SIGKILL)
    return int(child.wait() == -signal.SIGKILL)


if __name__ == "__main__":
    main()
