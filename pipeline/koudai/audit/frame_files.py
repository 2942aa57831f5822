"""The figures of a report as files: one table for each measure, as CSV for people and as Parquet for machines.

Promises: all of them have the same columns, so that the files of a report read as one table; numbers are in full, and
what is not defined is empty; in the CSV no text can be taken for a formula by a spreadsheet, in Parquet nothing is
changed; no measure's name leads out of the folder.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from koudai.audit.frame import COLUMNS, AuditFrame
from koudai.audit.report import AuditReport
from koudai.errors import ReadError, UsageError
from koudai.storage.durable import write_bytes
from koudai.text.spreadsheet import guarded

KINDS = {"csv": ("csv",), "parquet": ("parquet",), "both": ("csv", "parquet"), "none": ()}
"""What ``--tables`` takes, and the files that come of it."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def kinds_of(asked: str) -> tuple[str, ...]:
    """Return which files ``--tables`` asks for; raises `UsageError` if it asks for none that there are."""
    if asked not in KINDS:
        raise UsageError(what="unknown kind of tables", got=asked, expected=", ".join(KINDS))
    return KINDS[asked]


def write_tables(report: AuditReport, folder: Path, kinds: tuple[str, ...]) -> list[Path]:
    """Write each frame of `report` into `folder`, as ``MEASURE.csv``, ``MEASURE.parquet`` or both.

    Parameters
    ----------
    report
        Its frames are written, nothing else of it: no posts.
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
    """
    odd = [name for name in report.frames if not _NAME.fullmatch(name)]
    if odd and kinds:
        raise ReadError(
            what="a measure of this report cannot name a file",
            got=odd[0],
            expected="letters, digits, _ and -",
            happened="no table was written",
            todo="draw the page without --tables",
        )
    written = []
    for name, frame in report.frames.items():
        for kind in kinds:
            path = folder / f"{name}.{kind}"
            write_bytes(path, frame_csv(frame) if kind == "csv" else frame_parquet(frame))
            written.append(path)
    return written


def frame_csv(frame: AuditFrame) -> bytes:
    """Return a frame as CSV in UTF-8: ``measure`` and `COLUMNS`, text quoted and guarded, lines ending in CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(("measure", *COLUMNS))
    for row in frame.to_rows():
        cells = [frame.measure, *(row[name] for name in COLUMNS)]
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue().encode()


def frame_parquet(frame: AuditFrame) -> bytes:
    """Return a frame as Parquet: ``measure`` and `COLUMNS`; what is not defined is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = {"value": pa.float64(), "n": pa.int64(), "low": pa.float64(), "high": pa.float64()}
    schema = pa.schema([(name, numbers.get(name, pa.string())) for name in ("measure", *COLUMNS)])
    rows = [{"measure": frame.measure, **row} for row in frame.to_rows()]
    out = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), out, compression="zstd")
    return bytes(out.getvalue())
