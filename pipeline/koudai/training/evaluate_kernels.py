"""The sums that metrics are computed from, in one pass over posts ranked by decreasing probability: compiled."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from koudai.text.compiled.jit import compiled

TP, FP, FN, TN, PRECISIONS, AREA, SQUARES, GAPS = range(8)
"""Indices of the sums: the confusion counts, precision summed over increases of recall, the unnormalised area under the
ROC curve, (p - y)², and from `GAPS` on p - y per bin."""
u = np.uint64


class Ranked(NamedTuple):
    """Posts by decreasing probability.

    Attributes
    ----------
    y, p, tag
        Label, probability, and whether the post is tagged.
    bins
        Bin of the probability.
    last
        Whether the next post has a different probability.
    group
        Index of the post's group.
    """

    y: Any
    p: Any
    tag: Any
    bins: Any
    last: Any
    group: Any


@compiled
def tally(posts: Ranked, weights: Any, sums: Any) -> None:
    """Add up the sums, each post weighted by the weight of its group."""
    ins, outs, ins_before, outs_before = 0.0, 0.0, 0.0, 0.0
    for i in range(len(posts.y)):
        weight = float(weights[u(posts.group[u(i)])])
        positive = posts.y[u(i)] == 1
        if positive:
            ins += weight
            sums[TP if posts.tag[u(i)] else FN] += weight
            off = posts.p[u(i)] - 1.0
        else:
            outs += weight
            sums[FP if posts.tag[u(i)] else TN] += weight
            off = posts.p[u(i)]
        sums[SQUARES] += weight * off * off
        sums[GAPS + posts.bins[u(i)]] += weight * off
        if posts.last[u(i)]:
            if ins > ins_before:
                sums[PRECISIONS] += (ins - ins_before) * ins / (ins + outs)
            sums[AREA] += (outs - outs_before) * (ins_before + ins) / 2.0
            ins_before, outs_before = ins, outs
