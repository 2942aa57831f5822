"""An audit frame: the figures of one measure, each with its n and its interval; and frames as CSV and Parquet files.

Promises: no bare numbers: every row has n, and a value that rests on nothing (n = 0) is missing, never 0 or 1; rows
keep taxonomy order; JSON in, JSON out. All files have the same columns, with numbers in full and nothing where a number
is not defined; in a CSV no text can be taken for a formula by a spreadsheet; no measure's name leads out of the folder.
Knows nothing of how figures are shown.
"""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from koudai.errors import ReadError, UsageError
from koudai.storage.durable import write_bytes
from koudai.text.characters.hazards import guarded
from koudai.training.intervals import (
    WHOLE_POPULATION,
    IntervalKind,
    PostClusters,
    clustered_mean,
    gives_none,
    wilson,
)

COLUMN_TYPES = {
    **dict.fromkeys(("category", "group", "statistic"), str),
    **{"value": "float64", "n": "int64", "low": "float64", "high": "float64", "interval": "object"},
}
"""Of the columns of a table of figures, the types that they have in pandas, whether there are figures or none."""
COLUMNS = tuple(COLUMN_TYPES)
ALL = "*"
"""The `category` of a figure about all categories together, and the `group` of one about all posts."""
SAMPLE = "sample"
"""The group of figures that are estimated from a returned sample."""
TABLE_KINDS = {"csv": ("csv",), "parquet": ("parquet",), "both": ("csv", "parquet"), "none": ()}
"""What ``tables`` takes, and the files that come of it."""
Count = Annotated[int, Field(ge=0, lt=2**63)]
"""How many there are of something, as the tables can hold it."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Figure:
    """One figure.

    Parameters
    ----------
    category
        A key of the taxonomy, or `ALL`.
    group
        What part of the posts, or which term, theme, bin, function or other category; `ALL` for all posts.
    statistic
        What is counted, in the field's own term.
    value
        None where it is not defined.
    n
        Posts (cases, pairs) it rests on.
    low, high
        Ends of the 95 % interval, None where there is none.
    interval
        Its kind, or why this figure has none; None where the measure declares that it has none, or where it is not
        said yet: then it is the one that the measure declares.

    Examples
    --------
    >>> Figure("rumour", ALL, "f1", 0.42, 0).value is None  # rests on nothing
    True
    """

    category: str
    group: str
    statistic: str
    value: float | None
    n: Count
    low: float | None = None
    high: float | None = None
    interval: IntervalKind | None = None

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is not None:
                object.__setattr__(self, name, float(number) if math.isfinite(number) and self.n > 0 else None)
        object.__setattr__(self, "n", int(self.n))
        if self.low is None and self.high is None and not gives_none(self.interval):
            object.__setattr__(self, "interval", None)


@dataclass(frozen=True)
class AuditFrame:
    """The figures of one measure, in the order they are read.

    Examples
    --------
    >>> frame = AuditFrame("coverage", (share("rumour", ALL, "alleged", 3, 12),))
    >>> frame.to_rows()[0]["value"], frame.to_rows()[0]["interval"]
    (0.25, 'wilson')
    """

    measure: str
    figures: tuple[Figure, ...]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one plain dict per figure, with the keys `COLUMNS`."""
        return [{name: getattr(figure, name) for name in COLUMNS} for figure in self.figures]

    @staticmethod
    def from_rows(measure: str, rows: list[dict[str, Any]]) -> AuditFrame:
        """Return the frame that `to_rows` was called on."""
        return AuditFrame(measure, tuple(Figure(**row) for row in rows))

    def to_pandas(self) -> Any:
        """Return the figures as a `pandas.DataFrame` with the columns `COLUMNS`."""
        import pandas as pd

        return pd.DataFrame(self.to_rows(), columns=list(COLUMNS)).astype(COLUMN_TYPES)


def share(category: str, group: str, statistic: str, hits: int, n: int) -> Figure:
    """Return the figure of a share of independent things, such as cases, with its Wilson interval.

    Examples
    --------
    >>> share("rumour", ALL, "alleged", 3, 12).value
    0.25
    """
    value, low, high = wilson(int(hits), int(n))
    return Figure(category, group, statistic, value, int(n), low, high, "wilson")


def clustered_share(
    category: str, group: str, statistic: str, hits: NDArray[np.bool_], clusters: NDArray[np.int64] | None
) -> Figure:
    """Return the figure of a share of posts with its Wilson interval, for as many posts as their clusters are worth.

    Parameters
    ----------
    category, group, statistic
        What it is about.
    hits : ndarray of bool, shape (n_posts,)
        Of the posts that it is a share of.
    clusters : ndarray of int64, shape (n_posts,), or None
        Of the same posts, as `AuditInput.clusters`.

    Examples
    --------
    >>> hits = np.array([True, True, False, False, True, False])
    >>> found = clustered_share("rumour", ALL, "alleged", hits, np.array([0, 0, 1, 1, 2, 3]))
    >>> found.value, found.interval
    (0.5, 'wilson, effective n')
    """
    return share_among(category, group, statistic, hits, PostClusters.of(clusters, n=len(hits)))


def share_among(category: str, group: str, statistic: str, hits: NDArray[np.bool_], posts: PostClusters) -> Figure:
    """Return the figure of `clustered_share`, of posts of which several shares are told.

    Examples
    --------
    >>> posts = PostClusters.of(np.array([0, 0, 1, 1, 2, 3]), n=6)
    >>> share_among("rumour", ALL, "alleged", np.array([True, True, False, False, True, False]), posts).value
    0.5
    """
    found = posts.share(hits)
    return Figure(category, group, statistic, found.value, posts.n, found.low, found.high, found.kind)


def clustered_mean_figure(
    category: str, group: str, statistic: str, values: NDArray[np.float64], clusters: NDArray[np.int64] | None
) -> Figure:
    """Return the figure of a mean of values between 0 and 1 with its Wilson interval, for as many posts as its variance
    is worth; parameters as of `clustered_share`.

    Examples
    --------
    >>> clustered_mean_figure("rumour", ALL, "flip_rate", np.array([0.5, 0.0, 1.0, 0.5]), None).value
    0.5
    """
    found = clustered_mean(values, clusters)
    return Figure(category, group, statistic, found.value, len(values), found.low, found.high, found.kind)


def whole_share(category: str, group: str, statistic: str, hits: int, n: int) -> Figure:
    """Return the figure of a share of all posts there are: nothing is inferred, so it has no interval and says so.

    Examples
    --------
    >>> whole_share("rumour", ALL, "alleged", 3, 12).interval
    'none, whole population'
    """
    return Figure(category, group, statistic, hits / n if n else None, int(n), interval=WHOLE_POPULATION)


def table_kinds(asked: str) -> tuple[str, ...]:
    """Return which files ``tables`` asks for; raises `UsageError` if it asks for none that there are.

    Examples
    --------
    >>> table_kinds("both")
    ('csv', 'parquet')
    """
    if asked not in TABLE_KINDS:
        raise UsageError(what="unknown kind of tables", got=asked, expected=", ".join(TABLE_KINDS))
    return TABLE_KINDS[asked]


def write_tables(frames: dict[str, AuditFrame], folder: Path, kinds: tuple[str, ...]) -> list[Path]:
    """Write each frame into `folder`, as ``MEASURE.csv``, ``MEASURE.parquet`` or both.

    Parameters
    ----------
    frames
        By measure.
    folder
        Made if it is not there; a file of the same name is replaced.
    kinds
        Of ``csv`` and ``parquet``.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ReadError
        If a measure has a name that no file should have; nothing is written then.
    StorageError
        If the disk refuses; each file is the old one or the new one.

    Examples
    --------
    >>> import tempfile
    >>> frames = {"coverage": AuditFrame("coverage", (share("rumour", ALL, "alleged", 3, 12),))}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_tables(frames, Path(folder), ("csv", "parquet"))]
    ['coverage.csv', 'coverage.parquet']
    """
    odd = [name for name in frames if not _NAME.fullmatch(name)]
    if odd and kinds:
        raise ReadError(
            what="a measure of this report cannot name a file",
            got=odd[0],
            expected="letters, digits, _ and -",
            happened="no table was written",
            todo="draw the page without `tables`",
        )
    written = []
    for name, frame in frames.items():
        for kind in kinds:
            path = folder / f"{name}.{kind}"
            write_bytes(path, frame_csv(frame) if kind == "csv" else frame_parquet(frame))
            written.append(path)
    return written


def frame_csv(frame: AuditFrame) -> bytes:
    """Return a frame as CSV in UTF-8, marked as such for spreadsheets: ``measure`` and `COLUMNS`, text guarded, nothing
    where nothing is defined, lines ending in CRLF.

    Examples
    --------
    >>> frame_csv(AuditFrame("coverage", ())).decode("utf-8-sig").split(",")[:3]
    ['measure', 'category', 'group']
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("measure", *COLUMNS))
    for row in frame.to_rows():
        cells = [frame.measure, *(row[name] for name in COLUMNS)]
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return ("\ufeff" + out.getvalue()).encode()


def frame_parquet(frame: AuditFrame) -> bytes:
    """Return a frame as Parquet: ``measure`` and `COLUMNS`; what is not defined is null.

    Examples
    --------
    >>> frame_parquet(AuditFrame("coverage", ()))[:4]
    b'PAR1'
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = {"value": pa.float64(), "n": pa.int64(), "low": pa.float64(), "high": pa.float64()}
    schema = pa.schema([(name, numbers.get(name, pa.string())) for name in ("measure", *COLUMNS)])
    rows = [{"measure": frame.measure, **row} for row in frame.to_rows()]
    out = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), out, compression="zstd")
    return bytes(out.getvalue())
