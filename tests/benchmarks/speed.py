"""The speed of koudai on one core, beside the ways its users have: cutting, vectorising, fitting, scoring, starting.

``python -m tests.benchmarks.speed --help``; ``docs/results/speed.md`` says what is measured and how to read it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.benchmarks import machine


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and write what is asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.speed", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--corpus", type=Path, nargs="+", default=[], help="Parquet with text and source_label")
    parser.add_argument("--posts", type=int, default=50_000, help="posts drawn from each corpus, at most")
    parser.add_argument("--few", type=int, default=2_000, help="how many of them slow ways are timed on")
    parser.add_argument("--other", type=Path, help="another checkout, timed beside this one in place of the peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--least", type=float, default=0.2, help="seconds that one timing lasts at least")
    parser.add_argument("--seed", type=int, default=20230310)
    parser.add_argument("--json", type=Path, dest="as_json", metavar="PATH")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="write into it, e.g. docs/results/speed.md")
    options = parser.parse_args(arguments)
    cores = machine.one_core()
    how = {"most": options.posts, "few": options.few, "rounds": options.rounds, "least": options.least}
    if options.other:
        from tests.benchmarks.builds import beside

        report = beside(options.corpus, other=options.other, seed=options.seed, **how)
        report.publish(as_json=options.as_json, markdown=options.markdown, name="builds")
        return
    from tests.benchmarks.comparison import compare

    report = compare(options.corpus, seed=options.seed, cores=cores, **how)
    report.publish(as_json=options.as_json, markdown=options.markdown, name="speed")


if __name__ == "__main__":
    main()
