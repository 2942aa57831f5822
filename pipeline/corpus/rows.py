"""Rows of a file, one by one, as they stand in it: CSV, TSV, JSON lines and Parquet, each also gzipped.

Promises: a row is either its named fields or the reason why it cannot be read, with its line; ids and numbers come
as the text that was written, never through a float; bytes are decoded strictly; only the named columns are read;
memory is bounded by one line (or one batch of a Parquet file). Does not judge what the fields hold: that is
``readers.py``.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.corpus.lines import Lines
from pipeline.errors import LimitExceeded, ReadError
from pipeline.limits import LINE_BYTES, PARQUET_UNZIPPED_BYTES, RECORD_LINES
from pipeline.registry import did_you_mean
from pipeline.strict_json import NumberText, strict_object

PARQUET_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line (CSV, JSON lines) or row number (Parquet), counted from 1, and its fields or what is wrong.

    `raw` is the beginning of a line that could not be taken apart; of any other row only `fields` are known.
    """

    line: int
    fields: dict[str, Any]
    wrong: str | None = None
    detail: str = ""
    raw: str = ""


def rows(path: Path, *, columns: list[str], encoding: str = "utf-8", bad_bytes: str = "refuse") -> Iterator[Row]:
    """Yield every row of a file.

    Parameters
    ----------
    path
        The file; its kind is told by its name, whether it is gzipped by its first bytes.
    columns
        The columns wanted; others are not read.
    encoding
        Of CSV, TSV and JSON lines.
    bad_bytes
        ``"refuse"`` or ``"quarantine"``: what to do with bytes that are not `encoding`.

    Raises
    ------
    ReadError
        If the file cannot be opened, is of no known kind, lacks a column, is cut short, or holds bytes of another
        encoding.
    LimitExceeded
        If a gzipped Parquet file, which must be unzipped in memory, is too large for that.
    """
    kind = _kind(path)
    try:
        with path.open("rb") as file:
            zipped = file.peek(2)[:2] == b"\x1f\x8b"
            stream: Any = gzip.GzipFile(fileobj=file) if zipped else file
            if kind == "parquet":
                yield from _parquet(_unzipped(stream, path) if zipped else stream, path, columns)
                return
            lines = Lines(stream, path, encoding=encoding, bad_bytes=bad_bytes)
            yield from (
                _json_lines(lines, columns)
                if kind == "jsonl"
                else _separated(lines, columns, "\t" if kind == "tsv" else ",")
            )
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


def _kind(path: Path) -> str:
    names = {".parquet": "parquet", ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if suffixes and suffixes[-1] in names:
        return names[suffixes[-1]]
    raise ReadError(
        what="the kind of this file is not known",
        where=path,
        expected=f"a name that ends in {', '.join(names)} (with .gz behind it if gzipped)",
        todo="rename or convert the file",
    )


def _json_lines(lines: Lines, columns: list[str]) -> Iterator[Row]:
    for line in lines:
        bad = lines.bad.pop(lines.number, None)
        if bad:
            yield Row(lines.number, {}, bad.reason, bad.detail, raw=bad.excerpt)
        elif line.strip():
            yield _json_row(lines.number, line, columns)


def _json_row(number: int, line: str, columns: list[str]) -> Row:
    try:
        value = strict_object(line)
    except ValueError as error:
        return Row(number, {}, "bad-json", str(error), raw=line)
    fields = {name: value[name] for name in columns if name in value}
    missing = [name for name in columns if name not in value]
    if missing:
        detail = f"no {', '.join(missing)}; there is {', '.join(value) or 'nothing'}"
        return Row(number, fields, "missing-field", detail)
    return Row(number, fields)


def _separated(lines: Lines, columns: list[str], delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(LINE_BYTES.value)
    started = 0

    def watched() -> Iterator[str]:
        for line in lines:
            if lines.number - started > RECORD_LINES.value:
                raise ReadError(
                    what=f"a record spans more than {RECORD_LINES.value} lines: a quote was opened and never closed",
                    where=f"{lines.path}:{started + 1}",
                    happened="nothing of this file was kept",
                    todo="close or remove the quote on that line",
                )
            yield line

    reader = csv.reader(watched(), delimiter=delimiter, strict=True)
    try:
        header = next(reader, None)
    except csv.Error as error:
        raise ReadError(
            what="the header cannot be read",
            where=f"{lines.path}:1",
            expected="column names, lines that end in line feeds, and every quote closed",
            got=error,
            happened="nothing of this file was read",
            todo="mend the first line, or convert the line ends",
        ) from error
    if header is None:
        return
    _require(columns, header, lines.path)
    places = [(name, header.index(name)) for name in columns]
    only_wanted = set(header) <= set(columns)
    started = lines.number
    while True:
        first = started + 1
        wrong, detail, cells = None, "", []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise ReadError(
                    what="a quote was opened and never closed",
                    where=f"{lines.path}:{first}",
                    happened="nothing of this file was kept",
                    todo="close or remove the quote on that line",
                ) from error
            wrong, detail = "bad-csv", str(error)
        started = lines.number
        for number in range(first, started + 1):
            bad = lines.bad.pop(number, None)
            if bad:
                wrong, detail = bad.reason, bad.detail
        if wrong is None and cells and len(cells) != len(header):
            wrong, detail = "ragged", f"{len(cells)} cells where the header has {len(header)}"
        told_apart = len(cells) == len(header) or only_wanted
        fields = {name: cells[at] for name, at in places if at < len(cells)} if told_apart else {}
        if wrong is not None or cells:
            yield Row(first, fields, wrong, detail)


def _require(columns: list[str], present: list[str], path: Path) -> None:
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


def _unzipped(stream: gzip.GzipFile, path: Path) -> io.BytesIO:
    content = stream.read(PARQUET_UNZIPPED_BYTES.value + 1)
    if len(content) > PARQUET_UNZIPPED_BYTES.value:
        raise LimitExceeded(
            what="this Parquet file is gzipped and too large to be unzipped in memory",
            where=path,
            expected=f"at most {PARQUET_UNZIPPED_BYTES.value} {PARQUET_UNZIPPED_BYTES.unit}",
            happened="nothing of this file was read",
            todo="unzip it first; Parquet is compressed inside",
        )
    return io.BytesIO(content)


def _parquet(stream: Any, path: Path, columns: list[str]) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        file = pq.ParquetFile(stream)
        _require(columns, file.schema_arrow.names, path)
        for batch in file.iter_batches(batch_size=PARQUET_ROWS, columns=columns):
            cells = [_cells(batch.column(name)) for name in columns]
            for values in zip(*cells, strict=True):
                number += 1
                bad = [name for name, value in zip(columns, values, strict=True) if isinstance(value, bytes)]
                wrong, detail = ("bad-bytes", f"{', '.join(bad)}: not UTF-8") if bad else (None, "")
                yield Row(number, dict(zip(columns, values, strict=True)), wrong, detail)
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise ReadError(
            what="this Parquet file is damaged" if number else "this is not a Parquet file, or it is damaged",
            where=path,
            got=error,
            happened=f"{number} rows before the damage were not committed",
            todo="bring the file again",
        ) from error


def _cells(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_integer(column.type):
        return [None if value is None else NumberText(value) for value in column.to_pylist()]
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        values = column.cast(pa.large_binary()).to_pylist()
    return [_decoded(value) if isinstance(value, bytes) else value for value in values]


def _decoded(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
