"""One job with one engine, as ``koudai score`` does it: ``python -m tests.benchmarks.engine_job --help``."""

from __future__ import annotations

import argparse
from pathlib import Path


def main(arguments: list[str] | None = None) -> None:
    """Do the job."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engine_job")
    parser.add_argument("engine")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("posts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--scheduler")
    parser.add_argument("--shard-size", type=int, default=50_000)
    options = parser.parse_args(arguments)

    from koudai.model.bundle.bundle import load_bundle
    from koudai.scoring.engines import ENGINES, EngineSettings
    from koudai.scoring.job import run
    from koudai.scoring.plan import ScoreSettings, make_plan

    settings = EngineSettings(options.bundle, workers=options.workers, scheduler=options.scheduler)
    with ENGINES[options.engine](settings) as engine:
        model = load_bundle(options.bundle)
        plan = make_plan([options.posts], model=model.digest, settings=ScoreSettings(shard_size=options.shard_size))
        run(plan, model, options.out, bundle=options.bundle, engine=engine)


if __name__ == "__main__":
    main()
