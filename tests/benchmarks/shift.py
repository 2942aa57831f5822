"""How often posts are said to differ from those fitted on: ``python -m tests.benchmarks.shift BUNDLE``.

The bundle is one trained on the posts of weibo21 whose split is ``train`` (``$KOUDAI_DATA``). Draws of 500 posts of the
other splits are from home and should differ in 5 % of draws at most; posts of other corpora should always differ. What
the comparison costs is told as a share of scoring, in a block of 4,096 posts as a job scores them.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from koudai.model import scorer
from koudai.model.bundle.bundle import load_bundle
from koudai.model.model import Model
from koudai.model.outline import Outline, Traits
from koudai.text.utf8 import of_texts

OTHERS = ("wefend_wechat_titles", "chnci_incident_comments", "factcheck_claims_covid", "stock_forum_comments")
DRAWS, DRAWN, ROUNDS = 400, 500, 15


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a corpus."""
    rows: list[dict[str, str]] = pq.read_table(Path(os.environ["KOUDAI_DATA"]) / f"{name}.parquet").to_pylist()
    return rows


def differing(model: Model, texts: list[str], draws: int) -> tuple[float, str]:
    """Return the share of draws that differ, and the traits that do with how many draws."""
    assert model.profile is not None
    hits, by = 0, dict[str, list[float]]()
    for seed in range(draws):
        some = np.random.default_rng(seed).choice(len(texts), min(DRAWN, len(texts)), replace=False)
        batch = scorer.score(model, [str(one) for one in some], [texts[one] for one in some])
        found = model.profile.compare(batch.outline)
        assert found is not None
        hits += found.differs
        for name, one in found.traits.items():
            by.setdefault(name, []).append(one.distance / one.tolerance)
    spans = {name: f"{np.median(some):.2f} [{min(some):.2f}, {max(some):.2f}]" for name, some in by.items()}
    told = ", ".join(f"{name} {span}" for name, span in spans.items())
    return hits / draws, told


def cost(model: Model, texts: list[str]) -> float:
    """Return how long an outline takes as a share of scoring; of each the shortest time of several rounds."""
    block = of_texts(texts[:4096])
    ids = [str(one) for one in range(block.posts)]
    proba = scorer.probabilities(model, block)
    traits = Traits(block, np.diff(block.offsets), np.full(block.posts, 100))

    def shortest(work: Callable[[], object]) -> float:
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
        return min(times)

    outlined = shortest(lambda: Outline.of(traits, proba, model.categories))
    return outlined / shortest(lambda: scorer.score(model, ids, block))


def main() -> None:
    """Measure and print a line of each corpus."""
    model = load_bundle(Path(sys.argv[1]))
    home = read("weibo21")
    for split in ("test", "val"):
        texts = [row["text"] for row in home if row["split"] == split]
        share, told = differing(model, texts, DRAWS)
        sys.stdout.write(f"weibo21 {split}: {share:.4f} of {DRAWS} draws differ; distance / tolerance: {told}\n")
    for name in OTHERS:
        share, told = differing(model, [str(row["text"]) for row in read(name)], 20)
        sys.stdout.write(f"{name}: {share:.2f} of 20 draws differ; distance / tolerance: {told}\n")
    sys.stdout.write(f"cost: {cost(model, [row['text'] for row in home]):.4f} of scoring\n")


if __name__ == "__main__":
    main()
