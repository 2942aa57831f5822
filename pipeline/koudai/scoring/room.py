"""Disk space: an estimate of what the results of a job need, and what is free.

Promises: the estimate is made before the first post is scored, and meant to be too high rather than too low; too little
space is a warning with both numbers, not an error: the disk fails when a shard does not fit, and earlier shards are
safe.
"""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path

_ROW = 32
"""Bytes per row for its id, tags, reason and hazards, compressed."""
_CATEGORY = 4
"""Bytes per row and category: a probability is a float32, and hardly compresses."""
_TEXT = 24
"""Bytes per row for each kept column and each term of evidence."""
_SHARD, _COLUMN = 12 << 10, 512
"""Bytes per shard for its receipt and file metadata, and for the metadata of each column."""


class DiskWarning(UserWarning):
    """The disk is likely to be full before the job is done."""


@dataclass(frozen=True)
class Room:
    """Bytes that results need, and that are free on their disk.

    Examples
    --------
    >>> Room(needed=2_000_000, free=1_000_000).enough
    False
    """

    needed: int
    free: int

    @property
    def enough(self) -> bool:
        """Whether the results fit."""
        return self.needed <= self.free


def room_for(folder: Path, *, rows: int, shards: int, categories: int, texts: int = 0) -> Room:
    """Estimate the disk space for results.

    Parameters
    ----------
    folder
        Where they are written; need not exist yet.
    rows, shards
        Those that are still to be scored.
    categories
        Columns of probabilities.
    texts
        Columns kept from the input, plus terms of evidence per post.

    Examples
    --------
    >>> room_for(Path(), rows=50_000, shards=1, categories=31).needed
    7828160
    """
    per_row = _ROW + _CATEGORY * categories + _TEXT * texts
    per_shard = _SHARD + _COLUMN * (categories + texts)
    while not folder.exists():
        folder = folder.parent
    return Room(rows * per_row + shards * per_shard, shutil.disk_usage(folder).free)


def warn_if_short(folder: Path, room: Room) -> None:
    """Warn with a `DiskWarning` unless there is enough room in `folder`."""
    if not room.enough:
        warnings.warn(
            f"{folder}: about {_shown(room.needed)} are needed, {_shown(room.free)} are free; if the disk fills up, "
            "what is written by then is safe: free some room, then score into the same folder again",
            DiskWarning,
            stacklevel=2,
        )


def _shown(size: int) -> str:
    number, unit = float(size), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if number < 1000 or unit == "TB":
            break
        number /= 1000
    return f"{number:,.0f} {unit}" if unit == "bytes" else f"{number:,.1f} {unit}"
