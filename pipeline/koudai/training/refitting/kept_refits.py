"""Kept refits: what each refit said, in a folder of its own, so that work that was stopped goes on where it was.

Promises: a refit is there whole or not at all; one that is damaged, cut short or of another shape counts as not there,
and is written again; what another version of koudai kept is not read. Holds probabilities and thresholds, no post.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from koudai import __version__
from koudai.storage.durable import write_bytes

Kept = tuple[NDArray[np.float32], NDArray[np.float64]]
"""Probabilities, of one category after another, and a threshold per category."""
_HASH = 32
_THRESHOLD, _PROBA = np.dtype("<f8"), np.dtype("<f4")


class KeptRefits:
    """The refits in `folder`; nothing is kept if that is None."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def read(self, name: str, shape: list[int]) -> Kept | None:
        """Return what was kept under a name, None if nothing sound was.

        Parameters
        ----------
        name
            A hash of everything that it depends on.
        shape
            How many probabilities there are for each category.
        """
        try:
            data = b"" if self._folder is None else self._path(name).read_bytes()
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
        """Keep what a refit said; raises `StorageError` if the disk refuses."""
        if self._folder is None:
            return
        body = kept[1].astype(_THRESHOLD).tobytes() + kept[0].astype(_PROBA).tobytes()
        write_bytes(self._path(name), hashlib.sha256(body).digest() + body)

    def _path(self, name: str) -> Path:
        if self._folder is None:
            message = "no folder to keep refits in"
            raise ValueError(message)
        return self._folder / f"{name[:32]}-{__version__}.refit"
