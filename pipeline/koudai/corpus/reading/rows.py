"""Rows of a file, one by one, as they stand in it, whatever its kind is, each also gzipped.

Promises: a row is either its named fields or the reason why it cannot be read, with its line; ids and numbers come
as the text that was written, never through a float; bytes are decoded strictly; only the named columns are read;
memory is bounded by one line (or one batch of a Parquet file). Does not judge what the fields hold: that is
``readers.py``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from koudai.corpus.reading.arrow_files import arrow_batches, arrow_names
from koudai.corpus.reading.cells import Unreadable, as_ids, cells, is_textual, plain_column
from koudai.corpus.reading.files import START, Batching, Mark, open_unzipped
from koudai.corpus.reading.json_array import array_items
from koudai.corpus.reading.kinds import settled
from koudai.corpus.reading.lines import BOM, Lines, Row
from koudai.corpus.reading.locations import COLUMNAR, FROM_THE_START, Location, PathOrLocation
from koudai.corpus.reading.named_columns import require_columns
from koudai.corpus.reading.parquet import parquet_names, record_batches
from koudai.corpus.reading.plain import PlainRows, take_nothing
from koudai.corpus.reading.reading import DEFAULT_READING, Reading
from koudai.corpus.reading.separated import DELIMITERS, Separated
from koudai.corpus.reading.workbook import workbook_names, workbook_rows
from koudai.errors import ReadError
from koudai.strict_json import NumberText, strict_object
from koudai.text.compiled.kernels import kernels

if TYPE_CHECKING:
    import pyarrow as pa

LAYOUT_ROWS = 4096
"""Rows of JSON that are looked at before a field that all of them lack is taken for a wrong name."""


def rows(
    file: PathOrLocation, reading: Reading = DEFAULT_READING, *, columns: list[str] | None = None, begin: Mark = START
) -> Iterator[Row]:
    r"""Yield every row of a file, or those from a mark on, as if all had been read.

    Parameters
    ----------
    file
        Its kind is told by its name, whether it is gzipped by its first bytes.
    reading
        How it is read. Single JSON lines may lack what it keeps, but not the first 4,096 all.
    columns
        The columns that every row must have, if not those of the reading. Others are not read.
    begin
        Where the first row is; from `koudai.corpus.reading.readers.read_post_ids`.

    Raises
    ------
    ReadError
        If the file cannot be opened, is of no known kind, lacks a column, is cut short, or holds bytes of another
        encoding.
    LimitExceeded
        If a gzipped Parquet file, which must be unzipped in memory, is too large for that.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "labels.jsonl"
    ...     _ = path.write_text('{"id": 1.0, "label": "x"}\n{"id": 2\n', encoding="utf-8")
    ...     found = list(rows(path, columns=["id", "label"]))
    >>> [(row.line, row.fields, row.wrong) for row in found]
    [(1, {'id': '1.0', 'label': 'x'}, None), (2, {}, 'bad-json')]
    """
    path = settled(file, reading)
    kind, required = path.kind, reading.names if columns is None else columns
    names = list(dict.fromkeys([*required, *reading.keep]))
    if kind in COLUMNAR:
        yield from chain.from_iterable(
            batches_of(path)(
                path,
                lambda batch, first: rows_of_batch(batch, first, names, id_column=reading.columns.id),
                columns=names,
                batching=Batching(begin=begin),
            )
        )
        return
    if kind in FROM_THE_START:
        yield from islice(_from_the_start(path, required, reading), begin.row, None)
        return
    with open_unzipped(path) as stream:
        lines = Lines(stream, path, reading)
        separated = separated_of(lines, names, kind, reading, posts=columns is None) if kind in DELIMITERS else None
        if begin.row:
            lines.begin(begin)
        yield from separated.rows() if separated else json_rows(lines, required, keep=reading.keep, whole=not begin.row)


def column_names(file: PathOrLocation, *, encoding: str = "utf-8", quoting: str | None = None) -> list[str]:
    r"""Return the names of a file's columns in their order; of JSON lines, the fields of the first 4,096 objects.

    Raises
    ------
    ReadError
        If the file cannot be opened, is of no known kind, or is no Parquet file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "posts.csv"
    ...     _ = path.write_text("post_id,text,topic\n", encoding="utf-8")
    ...     column_names(path)
    ['post_id', 'text', 'topic']
    """
    reading = Reading(encoding=encoding, bad_bytes="quarantine", quoting=quoting)
    path = settled(file, reading)
    if path.kind in COLUMNAR:
        return parquet_names(path) if path.kind == "parquet" else arrow_names(path)
    with open_unzipped(path) as stream:
        if path.kind == "xlsx":
            return workbook_names(stream, path)
        if path.kind == "array":
            return _names_in(item.text for item in array_items(stream, path, reading))
        lines = Lines(stream, path, reading)
        if path.kind in DELIMITERS:
            return separated_of(lines, [], path.kind, reading).header
        return _names_in(lines)


def _names_in(objects: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for text in islice(objects, LAYOUT_ROWS):
        with contextlib.suppress(ValueError):
            found |= dict.fromkeys(strict_object(text))
    return list(found)


def batches_of(path: Location) -> Callable[..., Iterator[Any]]:
    """Return what reads the record batches of a file of columns."""
    return record_batches if path.kind == "parquet" else arrow_batches


def _from_the_start(path: Location, required: list[str], reading: Reading) -> Iterator[Row]:
    """Yield the rows of a file that is read from its start alone: an array, a workbook, or lines of text."""
    with open_unzipped(path) as stream:
        if path.kind == "xlsx":
            names = list(dict.fromkeys([*required, *reading.keep]))
            ids = None if reading.number_rows else reading.columns.id
            yield from workbook_rows(stream, path, names, id_column=ids)
        elif path.kind == "array":
            yield from _object_rows(_of_items(stream, path, reading), required, path, keep=reading.keep)
        else:
            lines = Lines(stream, path, reading)
            yield from _text_rows(lines, required)


def _of_items(stream: Any, path: Location, reading: Reading) -> Iterator[Row]:
    for item in array_items(stream, path, reading):
        yield Row(item.number, {}, item.wrong, item.detail, item.text, item.offset)


def _text_rows(lines: Lines, columns: list[str]) -> Iterator[Row]:
    """Yield the lines of a text, each as every one of `columns`; blank ones are no rows."""
    offset = lines.offset
    for line in lines:
        if lines.bad:
            bad = lines.bad.pop(lines.number)
            yield Row(lines.number, {}, bad.reason, bad.detail, bad.excerpt, offset)
        elif not line.isspace():
            yield Row(lines.number, dict.fromkeys(columns, line.rstrip("\r\n")), offset=offset)
        offset = lines.offset


def separated_of(lines: Lines, columns: list[str], kind: str, reading: Reading, *, posts: bool = False) -> Separated:
    """Return the records of a CSV or TSV file; of `posts`, only the id and the text must be there in each row."""
    required = reading.required if posts else None
    id_column = reading.columns.id if columns and not reading.number_rows else None
    return Separated(
        lines,
        columns,
        delimiter=DELIMITERS[kind],
        quoted=reading.quotes(kind),
        backslash=reading.quoting == "backslash",
        required=required,
        id_column=id_column if id_column in columns else None,
    )


def rows_of_batch(batch: pa.RecordBatch, first: int, columns: list[str], *, id_column: str | None = None) -> list[Row]:
    """Return the rows of a Parquet file's record batch; the first one's number is `first`.

    What stands in the `id_column` is `NumberText` where it was stored as a number or UUID and is an id.
    """
    found = []
    of_columns = [cells(batch.column(name)) for name in columns]
    if id_column in columns:
        ids, at = as_ids(batch.column(id_column)), columns.index(id_column)
        if not is_textual(plain_column(batch.column(id_column)).type):
            of_columns[at] = [
                NumberText(ids[row].as_py()) if ids[row].is_valid else value for row, value in enumerate(of_columns[at])
            ]
    for number, values in enumerate(zip(*of_columns, strict=True), first):
        fields = dict(zip(columns, values, strict=True))
        bad = [name for name, value in fields.items() if isinstance(value, bytes)]
        odd = [f"{name}: {value.why}" for name, value in fields.items() if isinstance(value, Unreadable)]
        wrong = "bad-bytes" if bad else "bad-cell" if odd else None
        found.append(Row(number, fields, wrong, f"{', '.join(bad)}: not UTF-8" if bad else "; ".join(odd)))
    return found


def json_rows(lines: Lines, columns: list[str], *, keep: tuple[str, ...] = (), whole: bool = True) -> Iterator[Row]:
    """Yield the rows of JSON lines, as `rows`; `whole` says that they are those of a file from its start."""
    yield from _object_rows(_of_lines(lines, whole=whole), columns, lines.path, keep=keep, whole=whole)


def _of_lines(lines: Lines, *, whole: bool) -> Iterator[Row]:
    offset, begun = lines.offset, not whole
    for line in lines:
        if not begun and not line.isspace():
            begun = True
            _refuse_array(line, lines)
        marked = line.startswith("\ufeff")
        line = line[marked:]
        if lines.bad:
            bad = lines.bad.pop(lines.number)
            yield Row(lines.number, {}, bad.reason, bad.detail, bad.excerpt, offset)
        elif line and not line.isspace():
            yield Row(lines.number, {}, raw=line, offset=offset, noticed=(BOM,) if marked else ())
        offset = lines.offset


def _object_rows(
    texts: Iterable[Row], columns: list[str], path: object, *, keep: tuple[str, ...] = (), whole: bool = True
) -> Iterator[Row]:
    """Yield rows with the fields of the JSON object that each one's `raw` is."""
    lacking, present, read = set(keep) if whole else set(), list[str](), 0
    for row in texts:
        if row.wrong is not None:
            yield row
            continue
        try:
            value = strict_object(row.raw)
        except ValueError as error:
            yield row._replace(wrong="bad-json", detail=str(error))
            continue
        if lacking:
            present, read = list(value), read + 1
            lacking.difference_update(present)
            if read == LAYOUT_ROWS:
                require_columns(sorted(lacking), present, path)
        yield _json_row(row.line, value, columns, keep, row.offset)._replace(noticed=row.noticed)
    if read:
        require_columns(sorted(lacking), present, path)


def _refuse_array(first: str, lines: Lines) -> None:
    """Raise `ReadError` if the first line that says anything begins an array of objects that it does not end."""
    text = first.strip("\ufeff \t\r\n")
    if text.startswith("[") and text[1:].lstrip()[:1] in ("", "{") and not text.endswith("]"):
        raise ReadError(
            what="this is one JSON array, not JSON lines",
            where=f"{lines.path}:{lines.number}",
            expected="one object on each line",
            got="an array of objects",
            happened="nothing of this file was read",
            todo="name the file .json, or write one object on each line, e.g. jq -c '.[]'",
        )


def _json_row(number: int, value: dict[str, Any], columns: list[str], keep: tuple[str, ...], offset: int) -> Row:
    fields = {name: value[name] for name in columns if name in value}
    if len(fields) < len(columns):
        missing = [name for name in columns if name not in value]
        detail = f"no {', '.join(missing)}; there is {', '.join(value) or 'nothing'}"
        return Row(number, fields, "missing-field", detail, offset=offset)
    return Row(number, fields | {name: value.get(name) for name in keep} if keep else fields, offset=offset)


@kernels("koudai.corpus.reading.objects_kernels", what="the reading of JSON lines")
def _kernels(module: Any) -> None:
    """Take no line apart."""
    take_nothing(module.take_objects, _wanted(module, ["text"], set()))


def plain_objects(lines: Lines, columns: list[str], *, numeric: set[str]) -> PlainRows:
    """Return the rows of JSON lines, to be taken many at once; values of `numeric` may be numbers."""
    module = _kernels()
    return PlainRows(lines, columns, module.take_objects, _wanted(module, columns, numeric))


def _wanted(module: Any, columns: list[str], numeric: set[str]) -> Any:
    keys = [name.encode("utf-8", "surrogatepass") for name in columns]
    return module.WantedKeys(
        names=np.frombuffer(b"".join(keys) + b" ", np.uint8),
        name_ends=np.cumsum([len(key) for key in keys]),
        numeric=np.array([name in numeric for name in columns]),
        words=np.frombuffer(b"truefalsenull", np.uint8),
    )
