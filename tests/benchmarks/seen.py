"""How well a bundle recognises the posts that it was fitted on: ``python -m tests.benchmarks.seen``.

Real corpora from ``$KOUDAI_DATA``, each with a side to fit on and others. Near-duplicates are those of
`near_duplicate_groups`, computed on all posts at once; recall is the share of posts with one on the fitted side that
are recognised by hashes alone, and false the share of the others that are. Of these it tells the largest similarity.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np

from koudai.corpus.near_duplicates.bare import bare_text
from koudai.corpus.near_duplicates.groups import near_duplicate_groups
from koudai.model.bundle.fitted_posts import FittedPosts, salt_of

CORPORA = {"weibo21": "train", "wefend_wechat_titles": "train", "chnci_incident_comments": ""}
MOST = 30_000


def shingles(text: str) -> set[str]:
    """Return the 5-grams of a post's bare text."""
    bare = bare_text(text)
    return {bare[at : at + 5] for at in range(len(bare) - 4)}


def largest(texts: list[str], among: list[str]) -> list[float]:
    """Return the largest Jaccard similarity of each post with any of others."""
    of = [shingles(text) for text in among]
    holding: dict[str, list[int]] = {}
    for place, some in enumerate(of):
        for one in some:
            holding.setdefault(one, []).append(place)
    found = []
    for text in texts:
        own, shared = shingles(text), {}
        for one in own:
            for place in holding.get(one, ()):
                shared[place] = shared.get(place, 0) + 1
        found.append(max((n / (len(own) + len(of[at]) - n) for at, n in shared.items()), default=0.0))
    return found


def main() -> None:
    """Measure each corpus and print a line of it."""
    import pyarrow.parquet as pq

    for name, side in CORPORA.items():
        table = pq.read_table(Path(os.environ["KOUDAI_DATA"]) / f"{name}.parquet").to_pylist()[:MOST]
        fit = [row["text"] for at, row in enumerate(table) if (row["split"] == side if side else at % 2 == 0)]
        rest = [row["text"] for at, row in enumerate(table) if not (row["split"] == side if side else at % 2 == 0)]
        groups = near_duplicate_groups([*fit, *rest])
        near = np.isin(groups[len(fit) :], groups[: len(fit)])
        start = time.perf_counter()
        fitted = FittedPosts.of(fit, salt=salt_of(name.encode()), posts=len(fit))
        made = time.perf_counter() - start
        seen = fitted.seen(rest)
        wrong = [text for text, one in zip(rest, seen & ~near, strict=True) if one]
        similar = np.quantile(largest(wrong, fit), [0.05, 0.5]).round(2).tolist() if wrong else []
        sys.stdout.write(
            f"{name}: fitted on {len(fit):,}, {len(fitted.hashes):,} hashes in {made:.2f} s; of {len(rest):,} others "
            f"{near.sum():,} have a near-duplicate there: recall {seen[near].mean():.4f}, "
            f"false {seen[~near].mean():.4f} ({len(wrong)}; largest similarity: 5 % and median {similar})\n"
        )


if __name__ == "__main__":
    main()
