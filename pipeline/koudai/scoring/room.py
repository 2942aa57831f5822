"""The room that the results of a job will take on the disk, and the room there is.

Promises: an estimate before the first post is scored, meant to be too high rather than too low; a disk that is too
small is a warning with both numbers and no error, for shards that do not fit are an error of the disk when they come,
and those before them are safe.
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
"""Bytes per shard for its receipt and the frame of its file, and for the metadata of each column."""


class DiskWarning(UserWarning):
    """The disk is likely to be full before the job is done."""


@dataclass(frozen=True)
class Room:
    """Bytes that results will take, and that are free where they go."""

    needed: int
    free: int

    @property
    def enough(self) -> bool:
        """Whether the results fit."""
        return self.needed <= self.free


def room_for(folder: Path, *, rows: int, shards: int, categories: int, texts: int = 0) -> Room:
    """Estimate the room for results.

    Parameters
    ----------
    folder
        Where they go; it may not be there yet.
    rows, shards
        Those that are still to be done.
    categories
        Columns of probabilities: float32, which hardly compress.
    texts
        Columns kept from the input, and terms of evidence per post: some bytes each.
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
