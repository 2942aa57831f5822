"""Simulated coverage of the intervals of prevalence: ``python -m tests.benchmarks.prevalence [DRAWS]``.

For each kind of model, share and number of labels: per cent of 95 % intervals that hold the true share, by estimator;
beside them, for the design's estimate, those of estimate ± 1.96 standard errors, and the mean width. First samples in
strata, as `koudai sample` draws them, then simple random ones; after each, how many figures lie within 93 to 97 %, and
the worst.
"""

from __future__ import annotations

import sys

from koudai.audit.sample.estimate import ESTIMATORS
from tests.audit.sample.simulated import MODELS, simulate

SHARES = (0.01, 0.02, 0.05, 0.1, 0.3, 0.5)
LABELS = (50, 100, 200, 400, 1000)
SHOWN = 6
COLUMNS = ("model", "share", "labels", *ESTIMATORS, "estimate ± 1.96 s.e.", "width")


def table(draws: int, *, strata: bool) -> None:
    """Print the table as Markdown, line by line, and what is outermost in it."""
    _say(*COLUMNS)
    _say(*["---"] * len(COLUMNS))
    seen = []
    for model in MODELS:
        for share in SHARES:
            for n in LABELS:
                found = simulate(model, share, n, draws, strata=strata)
                plain = found["design"]
                covered = [f"{found[name].covered:.1f}" for name in ESTIMATORS]
                _say(model, f"{share:g}", str(n), *covered, f"{plain.wald:.1f}", f"{plain.width:.3f}")
                seen += [(found[name].covered, f"{name}, {model}, {share:g}, {n}") for name in ESTIMATORS]
    seen.sort()
    within = sum(93 <= covered <= 97 for covered, _ in seen)
    told = [f"{covered:.1f} ({what})" for covered, what in seen]
    sys.stdout.write(
        f"\nwithin 93 to 97: {within} of {len(seen)}; mean {sum(c for c, _ in seen) / len(seen):.2f}\n"
        f"lowest: {'; '.join(told[:SHOWN])}\nhighest: {'; '.join(told[-SHOWN:])}\n\n"
    )


def _say(*cells: str) -> None:
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for kind in (True, False):
        table(wanted, strata=kind)
