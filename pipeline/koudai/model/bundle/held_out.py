"""Held-out scores: labels and probabilities of the test posts, kept in the bundle for later comparison of runs.

Promises: numbers only, no ids and no text; a digest identifies the posts and their labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.errors import ModelFormatError
from koudai.model.bundle.members import json_member, npy_bytes, npy_member, read_members
from koudai.model.evaluation import Evaluation

_ARRAYS = {"test_proba": "<f4", "test_labels": "|i1", "test_groups": "<i8"}


@dataclass(frozen=True)
class HeldOut:
    """Scores and labels of the test posts, in corpus order.

    Parameters
    ----------
    digest
        Hash of the posts, their order and their labels.
    categories
        Columns of the arrays.
    threshold : ndarray of float64, shape (n_categories,)
    proba : ndarray of float32, shape (n_posts, n_categories)
        NaN throughout for a post without features.
    labels : ndarray of int8, shape (n_posts, n_categories)
        1, 0 or -1 (unknown).
    groups : ndarray of int64, shape (n_posts,)
        Near-duplicate groups.

    Examples
    --------
    >>> proba, labels = np.zeros((1, 1), np.float32), np.zeros((1, 1), np.int8)
    >>> said = HeldOut("d1", ("rumour",), np.array([0.5]), proba, labels, groups=np.zeros(1, np.int64))
    >>> sorted(said.members())
    ['test_groups.npy', 'test_labels.npy', 'test_proba.npy']
    """

    digest: str
    categories: tuple[str, ...]
    threshold: NDArray[np.float64]
    proba: NDArray[np.float32]
    labels: NDArray[np.int8]
    groups: NDArray[np.int64]

    def members(self) -> dict[str, bytes]:
        """Return the arrays as members of a bundle."""
        arrays: dict[str, NDArray[Any]] = {
            "test_proba": self.proba,
            "test_labels": self.labels,
            "test_groups": self.groups,
        }
        return {f"{name}.npy": npy_bytes(array, _ARRAYS[name]) for name, array in arrays.items()}


def read_held_out(folder: Path) -> HeldOut:
    """Return the held-out scores of a bundle; checks every hash and builds no model.

    Raises
    ------
    ModelFormatError
        If there are none, or the arrays are inconsistent.
    ModelError
        If the bundle is damaged.

    Examples
    --------
    >>> try:
    ...     read_held_out(Path("nowhere"))
    ... except ModelFormatError as error:
    ...     print(error.got)
    no such folder
    """
    _, members = read_members(folder)
    if any(f"{name}.npy" not in members for name in _ARRAYS):
        raise ModelFormatError(
            what="the bundle does not hold the scores of its test posts",
            where=folder,
            expected=", ".join(f"{name}.npy" for name in _ARRAYS),
            todo="train it again: bundles of before `api.compare` do not hold it",
        )
    proba, labels, groups = (npy_member(members, f"{name}.npy", dtype, folder) for name, dtype in _ARRAYS.items())
    threshold = npy_member(members, "threshold.npy", "<f8", folder)
    try:
        categories = tuple(json_member(members, "model.json", folder)["categories"])
        digest = Evaluation.from_json(json_member(members, "evaluation.json", folder), where=folder).test_digest
        named = all(isinstance(key, str) for key in categories)
    except (KeyError, TypeError) as error:
        raise ModelFormatError(
            what="the bundle does not describe a test side", where=folder, got=repr(error)
        ) from error
    shape = (len(groups), len(categories))
    known = np.isin(labels, (-1, 0, 1)).all() and ((proba >= 0) & (proba <= 1) | np.isnan(proba)).all()
    if not (
        named and known and groups.ndim == 1 and proba.shape == labels.shape == shape and threshold.shape == shape[1:]
    ):
        raise ModelFormatError(
            what="the arrays of the test side do not fit together",
            where=folder,
            expected=f"probabilities and labels of shape {shape}",
            got=f"{proba.shape} and {labels.shape}",
        )
    return HeldOut(digest, categories, threshold, proba, labels, groups)
