"""Simulated coverage of the intervals of prevalence: ``python -m tests.benchmarks.prevalence [DRAWS]``.

For each kind of model, share and number of labels: per cent of 95 % intervals that hold the true share, by estimator;
beside them, for the design's estimate, those of estimate ± 1.96 standard errors, and the mean width.
"""

from __future__ import annotations

import sys

from pipeline.audit.sample.estimate import ESTIMATORS
from tests.audit.sample.simulated import MODELS, simulate

SHARES = (0.01, 0.03, 0.1, 0.3)
LABELS = (50, 100, 400)


def table(draws: int) -> None:
    """Print the table as Markdown, line by line."""
    columns = ["model", "share", "labels", *ESTIMATORS, "estimate ± 1.96 s.e.", "width"]
    for cells in (columns, ["---"] * len(columns)):
        _say(cells)
    for model in MODELS:
        for share in SHARES:
            for n in LABELS:
                found = simulate(model, share, n, draws)
                plain = found["design"]
                covered = [f"{found[name].covered:.1f}" for name in ESTIMATORS]
                _say([model, str(share), str(n), *covered, f"{plain.wald:.1f}", f"{plain.width:.3f}"])


def _say(cells: list[str]) -> None:
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    table(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
