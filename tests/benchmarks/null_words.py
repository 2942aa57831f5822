"""Words shown where tags mean nothing: ``python -m tests.benchmarks.null_words CORPUS.parquet ...``.

Whole near-duplicate groups of a corpus are tagged at random; counted is in how many splits any word at all is shown as
setting tagged posts apart, which should be in one of twenty at most. Beside it what counting words and a normal
distribution gave. Prints a table.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from koudai.audit.inputs.scored_texts import ScoredTexts
from koudai.audit.word_contrast import contrast_words, significant, weighted_log_odds
from koudai.training.intervals import wilson

SHARES = (0.5, 0.1, 0.02)
MOST = 20
FEWER = 20


def by_words(texts: ScoredTexts, tagged: NDArray[np.bool_]) -> int:
    """Return how many words are shown if every occurrence in every copy counts and z is taken for normal."""
    counts, _ = texts.word_counts
    sides = [np.asarray(counts[rows].sum(axis=0)).ravel().astype(np.float64) for rows in (tagged, ~tagged)]
    z = weighted_log_odds(*sides)
    return min(MOST, int((significant(norm.sf(z)) & (z > 0)).sum()))


def row(path: Path, texts: ScoredTexts, share: float, splits: int) -> list[str]:
    """Return a row of the table."""
    _, group = np.unique(texts.groups, return_inverse=True)
    n, random = int(group.max()) + 1, np.random.default_rng(5)
    before, after = [], []
    for number in range(splits):
        chosen = np.zeros(n, dtype=bool)
        chosen[random.choice(n, max(1, round(share * n)), replace=False)] = True
        tagged = chosen[group]
        after.append(len(contrast_words(texts, tagged, ~tagged).figures("x", "z", most=MOST)))
        if number < FEWER:
            before.append(by_words(texts, tagged))
    hits = sum(map(bool, after))
    _, low, high = wilson(hits, splits)
    return [
        path.stem,
        f"{share:.0%}",
        f"{np.mean(np.array(before) > 0):.2f} ({np.mean(before):.1f})",
        f"{hits / splits:.3f} [{low:.3f}, {high:.3f}] ({np.mean(after):.2f})",
    ]


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    import pandas as pd

    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.null_words", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("corpus", type=Path, nargs="+", help="Parquet with a column text")
    parser.add_argument("--splits", type=int, default=300)
    options = parser.parse_args(arguments)
    for cells in (["corpus", "tagged", "before: splits with any word (words)", "now"], ["---"] * 4):
        _say(cells)
    for path in options.corpus:
        texts = ScoredTexts(pd.read_parquet(path, columns=["text"]).text.tolist(), seed=1)
        for share in SHARES:
            _say(row(path, texts, share, options.splits))


def _say(cells: list[str]) -> None:
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
