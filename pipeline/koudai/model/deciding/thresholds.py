"""Thresholds: from a probability to a tag, for the target that the config names.

Promises: a threshold is chosen on out-of-fold probabilities and meets its target there, or is marked as not meeting it;
its out-of-fold precision and recall come with it, with n.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.model.deciding.calibration import best_f1_threshold

Target = str | float | Mapping[Any, float]
"""``"f1"``, a probability, ``{"precision": least}`` or ``{"recall": least}``."""


@dataclass(frozen=True)
class Threshold:
    """A threshold, and its figures on the posts it was chosen on.

    Parameters
    ----------
    value
        A post is tagged from this probability on.
    precision, recall
        Out-of-fold figures; None where no post is tagged, or none is in the category.
    tagged, n
        Number of posts tagged, and of all posts.
    met
        Whether the target is met there.

    Examples
    --------
    >>> Threshold(0.5, precision=0.8, recall=0.6, tagged=30, n=100, met=True).value
    0.5
    """

    value: float
    precision: float | None
    recall: float | None
    tagged: int
    n: int
    met: bool


def choose_threshold(
    proba: NDArray[np.float64], y: NDArray[np.int8], target: Target, weight: NDArray[np.float64] | None = None
) -> Threshold:
    """Return the threshold for a target.

    Parameters
    ----------
    proba : ndarray of float64, shape (n_posts,)
        Out of fold.
    y : ndarray of int8, shape (n_posts,)
        1 or 0; both occur.
    target
        ``"f1"``: the threshold with the greatest F1. A number: that probability. ``{"precision": x}``: among thresholds
        with at least that precision the one with the greatest recall; if there is none, among those with the greatest
        precision the one with the greatest recall, and `met` is False. ``{"recall": x}``: among thresholds with at
        least that recall the one with the greatest precision.
    weight : ndarray of float64, shape (n_posts,), or None
        Sample weights in precision, recall and F1; 1 if not given.

    Examples
    --------
    >>> y = np.array([0, 0, 1, 0, 1, 1], np.int8)
    >>> proba = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
    >>> found = choose_threshold(proba, y, {"precision": 1.0})
    >>> round(found.value, 3), found.precision, found.met
    (0.65, 1.0, True)
    >>> choose_threshold(proba, y, 0.5).tagged
    3
    """
    times = np.ones(len(y)) if weight is None else weight
    if isinstance(target, Mapping):
        (name, least), *_ = target.items()
        value = _target_threshold(proba, y, times, name, least)
    else:
        value = best_f1_threshold(proba, y, times) if isinstance(target, str) else float(target)
        name, least = "", 0.0
    tag = proba >= value
    tagged, hits, ones = (float(times[some].sum()) for some in (tag, tag & (y == 1), y == 1))
    reached = {"precision": hits / tagged if tagged else None, "recall": hits / ones if ones else None}
    met = not name or (reached[name] or 0.0) >= least
    return Threshold(value, reached["precision"], reached["recall"], int(tag.sum()), len(y), met)


def _target_threshold(
    proba: NDArray[np.float64], y: NDArray[np.int8], times: NDArray[np.float64], name: str, least: float
) -> float:
    order = np.argsort(-proba, kind="stable")
    ranked, hits, tagged = proba[order], np.cumsum((times * (y == 1))[order]), np.cumsum(times[order])
    ends = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))
    precision, recall = (hits / tagged)[ends], (hits / hits[-1])[ends]
    aim, other = (precision, recall) if name == "precision" else (recall, precision)
    if (aim >= least).any():
        best = int(np.argmax(np.where(aim >= least, other, -1.0)))
    else:
        best = len(aim) - 1 - int(np.argmax(aim[::-1]))
    lowest = float(ranked[ends[best]])
    below = float(ranked[ends[best] + 1]) if best + 1 < len(ends) else 0.0
    middle = (lowest + below) / 2.0
    return middle if middle > below else lowest
