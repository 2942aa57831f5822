#!/usr/bin/env bash
# ppi-python 0.2.3: with weights, the estimate is a ratio and its interval is that of a total, twice too wide at a high share.
#
# Expected: of posts drawn with known probabilities, 95 % intervals of `ppi_mean_ci(..., w=1/probability)` that hold the
# share in 95 % of samples; and where every labelled post is in the category, nothing beyond 1.
# Seen: weights are scaled to a mean of 1, so that the estimate is a ratio of two weighted sums (Hájek); the standard
# error is that of the weighted labels themselves, as if their sum of weights could not vary. With four hundred posts,
# half of them drawn ten times as seldom: at a share of .90 the interval is 2.2 times as wide as 1.96 standard deviations
# of the estimate and holds the truth in all samples, at .11 it is too narrow and holds it in about 90 %. Where all
# labels are 1 it goes up to 1.09.
# It matters because samples for labelling are drawn by score, with unequal probabilities.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check ppi-python==0.2.3 numpy==2.4.6
OPENBLAS_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

draw = np.random.default_rng(0)
POSTS, SAMPLES = 20_000, 1_000
tagged = draw.random(POSTS) < 0.1
scores, probability = np.where(tagged, 0.9, 0.1), np.where(tagged, 0.1, 0.0111)
print("ppi-python", version("ppi-python"))
wider, held = {}, {}
for among_untagged in (0.02, 0.9):
    labels = (draw.random(POSTS) < np.where(tagged, 0.95, among_untagged)).astype(float)
    estimates, halves, hits = [], [], 0
    for _ in range(SAMPLES):
        drawn = np.flatnonzero(draw.random(POSTS) < probability)
        three = labels[drawn], scores[drawn], scores
        low, high = (end.item() for end in ppi_mean_ci(*three, alpha=0.05, w=1 / probability[drawn]))
        estimates.append(ppi_mean_pointestimate(*three, w=1 / probability[drawn]).item())
        halves.append((high - low) / 2)
        hits += low <= labels.mean() <= high
    wider[among_untagged] = np.mean(halves) / (1.96 * np.std(estimates))
    held[among_untagged] = hits / SAMPLES
    print(f"share {labels.mean():.3f}: mean of estimates {np.mean(estimates):.3f}, held in {held[among_untagged]:.1%},", end=" ")
    print(f"half-width {wider[among_untagged]:.2f} times 1.96 standard deviations")
weights = np.where(np.arange(400) < 200, 1.0, 19.0)
low, high = (end.item() for end in ppi_mean_ci(np.ones(400), np.zeros(400), np.zeros(20_000), alpha=0.05, w=weights))
print(f"all labels 1: [{low:.3f}, {high:.3f}]")
assert wider[0.9] > 1.8 and held[0.9] > 0.99
assert wider[0.02] < 0.95 and held[0.02] < 0.925
assert high > 1.05
PYTHON
