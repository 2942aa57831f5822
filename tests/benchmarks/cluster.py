"""The cluster on paper: how long a billion posts and more take on many workers, from shard times measured here.

``python -m tests.benchmarks.cluster --help``; ``docs/results/scale.md`` says what is assumed and how to read it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import machine, process
from tests.benchmarks.peers import FEATURES
from tests.benchmarks.posts import default_corpora, read_texts, write_sample
from tests.benchmarks.report import Report, number
from tests.benchmarks.scale import bundle_of, default_config, trained
from tests.benchmarks.simulation import Cluster, simulate

HEADER = [
    "posts",
    "workers",
    "what happens",
    "× ideal",
    "minutes",
    "core-hours",
    "units done again",
    "last 1 % of units",
]


@dataclass(frozen=True)
class Measured:
    """What was measured of a job on one core: seconds of each shard, of loading the model, of the survey by the post,
    and bytes by the post.
    """

    shard_seconds: list[float]
    load_seconds: float
    survey_seconds_per_post: float
    bytes_in_per_post: float
    bytes_out_per_post: float
    shard_size: int

    @property
    def seconds_per_post(self) -> float:
        """Of one core, scoring."""
        return float(np.mean(self.shard_seconds)) / self.shard_size


def measured(bundle: Path, inputs: Path, posts: int, shard_size: int, folder: Path) -> Measured:
    """Survey a file and do its shards one by one on one core, twice; the first time only warms up."""
    from koudai.model.bundle.bundle import load_bundle
    from koudai.progress import Silent
    from koudai.scoring.job import settle_job
    from koudai.scoring.plan import ScoreSettings, make_plan
    from koudai.scoring.survey import take_survey
    from koudai.scoring.unit import JobAddress, Unit, do, work_on

    load = f"from koudai.scoring.unit import make_ready; make_ready({str(bundle)!r}, False)"
    seconds_to_load = process.run([process.PYTHON, "-c", load]).seconds
    model = load_bundle(bundle)
    plan = make_plan([inputs], model=model.digest, settings=ScoreSettings(shard_size=shard_size))
    begin = time.perf_counter()
    survey = take_survey(plan, Silent())
    surveyed = time.perf_counter() - begin
    seconds: list[float] = []
    for again in (False, True):
        out = folder / f"measured-{again}"
        out.mkdir()
        settle_job(plan, out, survey, bundle=bundle, progress=Silent())
        work_on(JobAddress(str(out), str(bundle)))
        for shard in range(posts // shard_size):
            begin = time.perf_counter()
            do(JobAddress(str(out), str(bundle)), Unit(0, shard, shard + 1))
            if again:
                seconds.append(time.perf_counter() - begin)
    written = sum(path.stat().st_size for path in (folder / "measured-True").rglob("*") if path.is_file())
    return Measured(
        seconds, seconds_to_load, surveyed / posts, inputs.stat().st_size / posts, written / posts, shard_size
    )


WHAT_HAPPENS: dict[str, Callable[[Cluster], Cluster]] = {
    "nothing": lambda cluster: cluster,
    "each worker fails once in 24 hours": lambda cluster: replace(cluster, hours_between_failures=24.0),
    "each worker fails once an hour": lambda cluster: replace(cluster, hours_between_failures=1.0),
    "2 % of workers take 4 times as long": lambda cluster: replace(cluster, slow=0.02),
    "both: once an hour, and 2 % slow": lambda cluster: replace(cluster, hours_between_failures=1.0, slow=0.02),
    "both, and storage gives 1 GB/s": lambda cluster: replace(
        cluster, hours_between_failures=1.0, slow=0.02, bandwidth=1e9
    ),
}
"""What befalls a cluster; storage otherwise gives 10 GB/s."""
_UNIT_SHARDS = 4


def main(arguments: list[str] | None = None) -> None:
    """Measure, simulate, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.cluster", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--corpus", type=Path, help="posts are drawn from it [default: weibo21, else the bundled ones]")
    parser.add_argument("--config", type=Path, help="what is trained [default: rumour-weibo21, else demo]")
    parser.add_argument("--features", choices=("words", "both"), default="words")
    parser.add_argument("--posts", type=int, default=1_000_000, help="posts that shard times are measured on")
    parser.add_argument("--shard-size", type=int, default=50_000)
    parser.add_argument("--billions", default="1,100", help="posts that are simulated, in billions, with commas")
    parser.add_argument("--workers", default="100,1000", help="numbers of workers, with commas")
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--folder", type=Path, help="where inputs and jobs are written: a disk, not memory")
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/scale.md")
    options = parser.parse_args(arguments)
    where = machine.describe(machine.cores())
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        texts, _ = read_texts(options.corpus or default_corpora()[0])
        write_sample(folder / "posts.parquet", texts, options.posts, seed=options.seed)
        features = FEATURES[options.features == "both"]
        trained(options.config or default_config(), features, folder)
        machine.one_core()
        found = measured(
            bundle_of(features, folder), folder / "posts.parquet", options.posts, options.shard_size, folder
        )
    billions = [float(some) for some in options.billions.split(",")]
    workers = [int(some) for some in options.workers.split(",")]
    report = on_paper(found, where, billions=billions, workers=workers, seed=options.seed)
    report.publish(as_json=options.as_json, markdown=options.markdown, name=f"cluster-{options.features}")


def on_paper(found: Measured, where: dict[str, Any], *, billions: list[float], workers: list[int], seed: int) -> Report:
    """Simulate each number of posts on each number of workers, with everything that can happen."""
    rows = []
    for some in billions:
        for number_of in workers:
            cluster = Cluster(
                workers=number_of,
                units=max(1, round(some * 1e9 / found.shard_size / _UNIT_SHARDS)),
                shards=_UNIT_SHARDS,
                load=found.load_seconds,
                bytes_per_shard=(found.bytes_in_per_post + found.bytes_out_per_post) * found.shard_size,
            )
            for name, befallen in WHAT_HAPPENS.items():
                came = simulate(befallen(cluster), np.array(found.shard_seconds), seed=seed)
                ideal = some * 1e9 * found.seconds_per_post / number_of
                rows.append(
                    {"billions": some, "workers": number_of, "what": name, "ideal_seconds": ideal, **asdict(came)}
                )
    report = Report("a cluster on paper", HEADER, where, {"seed": seed, "measured": asdict(found), "rows": rows})
    for row in rows:
        report.table.append(
            [
                f"{row['billions']:g} billion",
                number(row["workers"]),
                row["what"],
                number(row["seconds"] / row["ideal_seconds"]),
                number(row["seconds"] / 60),
                number(row["busy"] / 3600),
                number(row["again"]),
                f"{number(row['tail'])} s",
            ]
        )
    per_billion = found.seconds_per_post * 1e9 / 3600
    report.notes = [
        f"Measured: {1e6 * found.seconds_per_post:.2f} µs a post on one core, so {per_billion:.2f} core-hours for a "
        f"billion posts ({len(found.shard_seconds)} shards of {found.shard_size:,}, {min(found.shard_seconds):.2f} to "
        f"{max(found.shard_seconds):.2f} s each); a worker starts and loads its model in {found.load_seconds:.1f} s.",
        f"{found.bytes_in_per_post:.0f} bytes read and {found.bytes_out_per_post:.0f} written a post: "
        f"{found.bytes_out_per_post:.0f} GB of results for a billion. "
        "The posts are drawn from a few thousand, so both are smaller than of posts that all differ.",
        f"The survey, which one process makes before the workers begin, takes "
        f"{1e6 * found.survey_seconds_per_post:.2f} µs a post: {1e9 * found.survey_seconds_per_post / 60:.0f} minutes "
        "for a billion, not in the table.",
    ]
    return report


if __name__ == "__main__":
    main()
