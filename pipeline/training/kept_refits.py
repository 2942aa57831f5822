"""Kept refits: what each refit said, in a folder of its own, so that work that was stopped goes on where it was.

Promises: a refit is there whole or not at all; one that is damaged, cut short or of another shape counts as not there,
and is written again; what another version of koudai kept is not read. Holds probabilities and thresholds, no post.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline import __version__
from pipeline.durable import write_bytes

Kept = tuple[NDArray[np.float32], NDArray[np.float64]]
"""Probabilities, of one category after another, and a threshold per category."""
_HASH = 32


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
        if not body or hashlib.sha256(body).digest() != data[:_HASH]:
            return None
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as members:
                proba, threshold = members["proba"], members["threshold"]
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile):
            return None
        fits = proba.shape == (sum(shape),) and threshold.shape == (len(shape),)
        return (proba, threshold) if fits and (proba.dtype, threshold.dtype) == (np.float32, np.float64) else None

    def write(self, name: str, kept: Kept) -> None:
        """Keep what a refit said; raises `StorageError` if the disk refuses."""
        if self._folder is None:
            return
        body = io.BytesIO()
        np.savez(body, proba=kept[0], threshold=kept[1])
        write_bytes(self._path(name), hashlib.sha256(body.getvalue()).digest() + body.getvalue())

    def _path(self, name: str) -> Path:
        if self._folder is None:
            message = "no folder to keep refits in"
            raise ValueError(message)
        return self._folder / f"{name[:32]}-{__version__}.refit"
