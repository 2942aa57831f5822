"""Files of posts: of which kind they are, opened and unzipped, and what goes wrong on the way as a named error.

Promises: the kind is told by the name, whether a file is gzipped by its first bytes; a gzipped Parquet file takes
PARQUET_UNZIPPED_BYTES of memory at most. Does not know what a file holds: that is ``rows.py`` and ``parquet.py``.
"""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import LimitExceeded, ReadError
from pipeline.limits import PARQUET_UNZIPPED_BYTES
from pipeline.registry import did_you_mean

_KINDS = {".parquet": "parquet", ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def kind_of(path: Path) -> str:
    """Return ``"parquet"``, ``"csv"``, ``"tsv"`` or ``"jsonl"``; raises `ReadError` if the name tells none of them."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if suffixes and suffixes[-1] in _KINDS:
        return _KINDS[suffixes[-1]]
    raise ReadError(
        what="the kind of this file is not known",
        where=path,
        expected=f"a name that ends in {', '.join(_KINDS)} (with .gz behind it if gzipped)",
        todo="rename or convert the file",
    )


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Give what a file holds, unzipped: a stream of bytes, or for Parquet anything that pyarrow opens.

    Raises
    ------
    ReadError
        If the file cannot be opened, or turns out to be cut short or damaged within the block.
    LimitExceeded
        If a gzipped Parquet file, which must be unzipped in memory, is too large for that.
    """
    parquet = kind_of(path) == "parquet"
    try:
        with path.open("rb") as file:
            if file.peek(2)[:2] == b"\x1f\x8b":
                stream = gzip.GzipFile(fileobj=file)
                yield _unzipped(stream, path) if parquet else stream
            elif parquet:
                with _native(path) as native:
                    yield native
            else:
                yield file
    except FileNotFoundError as error:
        raise ReadError(what="no such file", where=path, todo="check the path") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ReadError(
            what="the archive ends early or is damaged",
            where=path,
            got=error,
            happened="rows before the damage were not committed",
            todo="bring the file again",
        ) from error
    except OSError as error:
        raise ReadError(what="this file cannot be read", where=path, got=error.strerror or error) from error


def require_columns(columns: list[str], present: list[str], path: Path) -> None:
    """Raise `ReadError` unless each of `columns` is `present` exactly once."""
    twice = [name for name in columns if present.count(name) > 1]
    if twice:
        raise ReadError(
            what="columns share a name",
            where=path,
            got=", ".join(twice),
            happened="nothing of this file was read",
            todo="rename all but one of them",
        )
    missing = [name for name in columns if name not in present]
    if missing:
        hints = [hint for name in missing if (hint := did_you_mean(name, present))]
        raise ReadError(
            what=f"column(s) missing: {', '.join(missing)}",
            where=path,
            expected=", ".join(columns),
            got=", ".join(present),
            happened="nothing of this file was read",
            todo="name the columns with --id-column and --text-column, or under [corpus.source.columns]"
            + (f" ({'; '.join(hints)})" if hints else ""),
        )


def _native(path: Path) -> Any:
    import pyarrow as pa

    return pa.OSFile(str(path))


def _unzipped(stream: gzip.GzipFile, path: Path) -> Any:
    import pyarrow as pa

    content = stream.read(PARQUET_UNZIPPED_BYTES.value + 1)
    if len(content) > PARQUET_UNZIPPED_BYTES.value:
        raise LimitExceeded(
            what="this Parquet file is gzipped and too large to be unzipped in memory",
            where=path,
            expected=f"at most {PARQUET_UNZIPPED_BYTES.value} {PARQUET_UNZIPPED_BYTES.unit}",
            happened="nothing of this file was read",
            todo="unzip it first; Parquet is compressed inside",
        )
    return pa.BufferReader(content)
