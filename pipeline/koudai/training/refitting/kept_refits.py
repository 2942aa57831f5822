"""Kept refits: the output of each refit in a folder, so that interrupted work resumes.

Promises: a refit is stored whole or not at all; a damaged or truncated file, or one of another shape, is ignored and
written again; files of another version of koudai are not read. Holds probabilities and thresholds, no post.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai import __version__
from koudai.storage.durable import write_bytes

Kept = tuple[NDArray[np.float32], NDArray[np.float64]]
"""Probabilities, category after category, and one threshold per category."""
_HASH = 32
_THRESHOLD, _PROBA = np.dtype("<f8"), np.dtype("<f4")


class KeptRefits:
    """The refits in `folder`; nothing is stored if it is None.

    Examples
    --------
    >>> KeptRefits(None).read("a name", [2]) is None
    True
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def read(self, name: str, shape: list[int]) -> Kept | None:
        """Return what is stored under a name, None if there is nothing valid.

        Parameters
        ----------
        name
            Hash of everything the refit depends on.
        shape
            Number of probabilities per category.
        """
        try:
            data = b"" if self._folder is None else (self._folder / _file(name)).read_bytes()
        except OSError:
            return None
        body = data[_HASH:]
        thresholds = len(shape) * _THRESHOLD.itemsize
        whole = thresholds + sum(shape) * _PROBA.itemsize
        if not body or len(body) != whole or hashlib.sha256(body).digest() != data[:_HASH]:
            return None
        threshold = np.frombuffer(body[:thresholds], _THRESHOLD).astype(np.float64)
        return np.frombuffer(body[thresholds:], _PROBA).astype(np.float32), threshold

    def write(self, name: str, kept: Kept) -> None:
        """Store the output of a refit; raises `StorageError` if it cannot be written."""
        if self._folder is None:
            return
        body = kept[1].astype(_THRESHOLD).tobytes() + kept[0].astype(_PROBA).tobytes()
        write_bytes(self._folder / _file(name), hashlib.sha256(body).digest() + body)


def _file(name: str) -> str:
    return f"{name[:32]}-{__version__}.refit"
