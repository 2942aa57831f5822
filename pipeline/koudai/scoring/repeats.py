"""Repeats: duplicate ids in a job's inputs, found without holding all ids in memory.

Promises: exact: ids are compared, not their hashes; memory holds 16 bytes per repeat, one of 256 hash partitions of the
ids (several while they are small), and a buffer of 16 MiB; which of equal ids is the first depends on the order of the
inputs alone. Further ids are spilled to an unnamed temporary file, which disappears with the process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.reading.files import Mark
from koudai.corpus.reading.locations import COLUMNAR, Location
from koudai.corpus.reading.readers import read_post_ids, twice
from koudai.corpus.reading.reading import Reading
from koudai.progress import Progress
from koudai.storage.durable import storage_errors
from koudai.text.arrow import as_numpy, numbers
from koudai.text.utf8 import Utf8, of_arrow

if TYPE_CHECKING:
    import pyarrow as pa

_PARTS = 256
_TOGETHER = 1 << 16
_IN_MEMORY = 16 << 20
_LINE_BITS = 40


def place_of(file: int, lines: NDArray[np.int64]) -> NDArray[np.int64]:
    """Encode lines of input number `file`, counted from 0, as integers in reading order over all inputs.

    Examples
    --------
    >>> shown(int(place_of(1, np.array([3]))[0]), ["a.csv", "b.csv"])
    'b.csv:3'
    """
    return lines + (file << _LINE_BITS)


@dataclass(frozen=True)
class Repeats:
    """Posts whose id occurred before, by their places; see `place_of`.

    Parameters
    ----------
    places : ndarray of int64, shape (n_repeats,)
        Place of each repeat, ascending.
    firsts : ndarray of int64, shape (n_repeats,)
        Place of the first post with its id.

    Examples
    --------
    >>> repeats = Repeats(np.array([4, 9]), np.array([1, 2]))
    >>> repeats.firsts_of(np.array([4, 5])).tolist()
    [1, -1]
    """

    places: NDArray[np.int64]
    firsts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    def firsts_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each of `places` the place of the first post with its id, or -1 if it is not a repeat."""
        firsts = np.full(len(places), -1, np.int64)
        if len(self):
            at = np.minimum(np.searchsorted(self.places, places), len(self) - 1)
            found = self.places[at] == places
            firsts[found] = self.firsts[at[found]]
        return firsts


class _Block(NamedTuple):
    """One call of `SpilledIds.add` in the file: from offset `begin` the lengths, then the places, then the bytes of its
    ids, each sorted by partition; `ids` and `data` are the numbers of ids and bytes before each partition.
    """

    begin: int
    ids: NDArray[np.int64]
    data: NDArray[np.int64]


class SpilledIds:
    """Ids with their places, spilled by hash partition until all are known. A context manager that closes its file.

    Examples
    --------
    >>> import pyarrow as pa
    >>> with SpilledIds() as spilled:
    ...     spilled.add(pa.array(["a", "b", "a"]), np.array([1, 2, 3]))
    ...     spilled.repeats().firsts.tolist()
    [1]
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._blocks: list[_Block] = []

    def __enter__(self) -> SpilledIds:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, ids: pa.StringArray, places: NDArray[np.int64]) -> None:
        """Add `ids`; calls must be in reading order. Raises `StorageError` if the disk fails."""
        part = _part_of(of_arrow(ids))
        order = np.argsort(part, kind="stable")
        sorted_ids = of_arrow(ids.take(numbers(order)))
        edges = np.searchsorted(part[order], np.arange(_PARTS + 1))
        self._blocks.append(_Block(self._file.tell(), edges, sorted_ids.offsets[edges]))
        with storage_errors(Path(tempfile.gettempdir()), happened="nothing was scored"):
            self._file.write(np.diff(sorted_ids.offsets).astype(np.int32).tobytes())
            self._file.write(places[order].tobytes())
            self._file.write(sorted_ids.data[: sorted_ids.offsets[-1]].tobytes())

    def repeats(self) -> Repeats:
        """Return the repeats among all ids."""
        found = [_repeats_in(ids, places) for ids, places in self._parts()]
        places = np.concatenate([np.empty(0, np.int64), *(places for places, _ in found)])
        firsts = np.concatenate([np.empty(0, np.int64), *(firsts for _, firsts in found)])
        order = np.argsort(places)
        return Repeats(places[order], firsts[order])

    def id_at(self, place: int) -> str:
        """Return the id that was added with `place`."""
        return str(next(ids[int(at)] for ids, places in self._parts() for at in np.flatnonzero(places == place)))

    def _parts(self) -> Iterator[tuple[pa.LargeStringArray, NDArray[np.int64]]]:
        import pyarrow as pa

        for start, stop in self._together():
            lengths, places, data = [], [], []
            for block in self._blocks:
                begin, end, total = (int(block.ids[at]) for at in (start, stop, _PARTS))
                first, last = (int(block.data[at]) for at in (start, stop))
                lengths.append(self._read(block.begin + 4 * begin, 4 * (end - begin)))
                places.append(self._read(block.begin + 4 * total + 8 * begin, 8 * (end - begin)))
                data.append(self._read(block.begin + 12 * total + first, last - first))
            offsets = np.concatenate([[0], np.cumsum(np.frombuffer(b"".join(lengths), np.int32), dtype=np.int64)])
            buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(data))]
            ids = pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, buffers)
            yield ids, np.frombuffer(b"".join(places), np.int64)

    def _together(self) -> Iterator[tuple[int, int]]:
        """Yield ranges of partitions that hold at most `_TOGETHER` ids, or are a single partition."""
        ids = np.sum([block.ids for block in self._blocks], axis=0) if self._blocks else np.zeros(_PARTS + 1, np.int64)
        start = 0
        while start < _PARTS:
            stop = max(start + 1, int(np.searchsorted(ids, ids[start] + _TOGETHER, side="right")) - 1)
            yield start, stop
            start = stop

    def _read(self, begin: int, size: int) -> bytes:
        self._file.seek(begin)
        return self._file.read(size)


class Found(NamedTuple):
    """What one pass over the ids of all inputs finds.

    Parameters
    ----------
    rows
        Number of rows of each input.
    marks
        For each input, where its rows 0, `mark_rows`, 2 `mark_rows`, … begin.
    repeats
        The posts with duplicate ids.
    """

    rows: list[int]
    marks: list[list[Mark]]
    repeats: Repeats


def find_repeats(
    locations: Sequence[Location], reading: Reading, *, refuse: bool, mark_rows: int, progress: Progress
) -> Found:
    """Read the ids of all inputs.

    Raises
    ------
    ReadError
        If a file cannot be read, or, with `refuse`, if there is a repeat; gives both places of the first one.
    """
    names = [one.name for one in locations]
    exact = all((reading.kind or one.kind) not in COLUMNAR for one in locations)
    while True:
        rows, marks = [0] * len(locations), [list[Mark]() for _ in locations]
        with SpilledIds() as spilled:
            for file, location in enumerate(locations):
                with progress.stage(f"reading {location.name}", None) as advance:
                    for some in read_post_ids(location, reading, exact=exact, mark_rows=mark_rows):
                        spilled.add(some.ids, place_of(file, some.lines))
                        rows[file] += some.read
                        marks[file] += some.marks
                        advance(some.read)
            repeats = spilled.repeats()
            if len(repeats) and exact and refuse:
                second, first = int(repeats.places[0]), int(repeats.firsts[0])
                raise twice(spilled.id_at(second), first=shown(first, names), second=shown(second, names))
        if exact or not len(repeats):
            return Found(rows, marks, repeats)
        exact = True


def shown(place: int, names: Sequence[str]) -> str:
    """Decode a place of `place_of` as ``file:line``, with the names of the inputs.

    Examples
    --------
    >>> shown(7, ["posts.csv"])
    'posts.csv:7'
    """
    return f"{names[place >> _LINE_BITS]}:{place & ((1 << _LINE_BITS) - 1)}"


def _repeats_in(ids: pa.LargeStringArray, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the repeats among `ids`, and for each that of the first post with its id."""
    number = as_numpy(ids.dictionary_encode().indices)
    new = np.diff(np.maximum.accumulate(number), prepend=-1) > 0
    return places[~new], places[new][number[~new]]


def _part_of(ids: Utf8) -> NDArray[np.uint8]:
    """Return the hash partition of each id, 0 to 255.

    Source: FNV-1a, 64 bits, draft-eastlake-fnv; then multiplicative hashing, as its low bits are better mixed than its
    high ones.
    """
    lengths, last = np.diff(ids.offsets), len(ids.data) - 1
    mixed = np.full(ids.posts, 14695981039346656037, np.uint64)
    for at in range(int(lengths.max(initial=0))):
        byte = ids.data[np.minimum(ids.offsets[:-1] + at, last)]
        mixed = np.where(lengths > at, (mixed ^ byte) * np.uint64(1099511628211), mixed)
    return ((mixed * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(56)).astype(np.uint8)
