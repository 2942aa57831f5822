"""A job that is killed: ``koudai score`` stopped by SIGKILL time after time and begun again, beside one left alone.

``python -m tests.benchmarks.killed --help``; ``docs/results/scale.md`` says more. Ends with an error unless both
leave the same bytes and every id is there exactly once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import machine, process
from tests.benchmarks.posts import ROOT, default_corpora, read_texts, write_sample
from tests.benchmarks.report import Bar, Report, number
from tests.benchmarks.scale import CAMPAIGN, default_config, trained

HEADER = ["way", "× undisturbed", "seconds", "kills", "posts"]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.killed", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--corpus", type=Path, help="posts are drawn from it [default: weibo21, else the bundled ones]")
    parser.add_argument("--config", type=Path, help="what is trained [default: rumour-weibo21, else demo]")
    parser.add_argument("--posts", type=int, default=CAMPAIGN)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--shard-size", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--folder", type=Path, help="where inputs and jobs are written: a disk, not memory")
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/scale.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        report = killed(
            options.corpus or default_corpora()[0],
            options.config or default_config(),
            posts=options.posts,
            kills=options.kills,
            shard_size=options.shard_size,
            seed=options.seed,
            folder=Path(folder),
        )
    report.publish(as_json=options.as_json, markdown=options.markdown, name="killed")


def killed(corpus: Path, config: Path, *, posts: int, kills: int, shard_size: int, seed: int, folder: Path) -> Report:
    """Score the same posts left alone and killed `kills` times, and compare what both leave behind.

    Each time the job is killed once some more shards have their receipts, how many being drawn with `seed`, and then at
    a random moment within half a second.

    Raises
    ------
    RuntimeError
        If they differ, or an id is missing or there twice.
    """
    where = machine.describe(machine.cores())
    texts, _ = read_texts(corpus)
    inputs = folder / "posts.parquet"
    write_sample(inputs, texts, posts, seed=seed)
    trained(config, "words", folder)
    command = [process.PYTHON, "-m", "koudai", "score", folder / "words", inputs, "--shard-size", shard_size, "--out"]
    alone = process.run([*map(str, command), folder / "alone"]).seconds
    chosen, struck, begin = random.Random(seed), 0, time.perf_counter()
    shards = -(-posts // shard_size)
    early = range(max(1, shards * 3 // 4))
    marks = sorted(chosen.sample(early, min(kills, len(early))))
    for mark in marks:
        struck += _killed_once([*map(str, command), str(folder / "killed")], folder / "killed", mark, chosen)
    process.run([*map(str, command), folder / "killed"])
    together = time.perf_counter() - begin
    _require_same(folder / "alone", folder / "killed", posts)
    rows = [
        {"way": "left alone", "seconds": alone, "kills": 0, "against": 1.0},
        {"way": "killed and begun again", "seconds": together, "kills": struck, "against": together / alone},
    ]
    data: dict[str, Any] = {"seed": seed, "corpus": corpus.stem, "posts": posts, "shard_size": shard_size, "rows": rows}
    report = Report("a job that is killed", HEADER, where, data)
    for row in rows:
        report.table.append(
            [row["way"], number(row["against"]), number(row["seconds"]), number(row["kills"]), number(posts)]
        )
    report.bars = [Bar(f"{posts:,} posts: kills that struck while it worked", kills, struck)]
    report.notes = ["Both folders hold the same bytes; every id is in them exactly once."]
    return report


def _killed_once(command: list[str], job: Path, receipts: int, chosen: random.Random) -> int:
    """Begin the job, kill it some time after it has so many receipts; return 1 if it was still at work."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    child = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.DEVNULL, start_new_session=True
    )
    while child.poll() is None and len(list(job.glob("receipts/*.json"))) < receipts:
        time.sleep(0.002)
    time.sleep(chosen.random() / 2)
    child.send_signal(signal.SIGKILL)
    return int(child.wait() == -signal.SIGKILL)


def _require_same(one: Path, other: Path, posts: int) -> None:
    import pyarrow.parquet as pq

    found = [_hashes(folder) for folder in (one, other)]
    if found[0] != found[1]:
        differ = sorted(name for name in {*found[0], *found[1]} if found[0].get(name) != found[1].get(name))
        message = f"the folders differ in {', '.join(differ[:10])}"
        raise RuntimeError(message)
    ids: set[str] = set()
    rows = 0
    for shard in sorted((other / "shards").glob("*.parquet")):
        some = pq.read_table(shard, columns=["post_id"])["post_id"].to_pylist()
        rows += len(some)
        ids.update(some)
    if not len(ids) == rows == posts:
        message = f"{posts} posts, {rows} rows, {len(ids)} ids"
        raise RuntimeError(message)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock" and path.suffix != ".part"
    }


if __name__ == "__main__":
    main()
