"""Formats: scored posts as JSON lines, which lose nothing, and as CSV, for people.

Promises: JSON lines give every number and text back as it was, one object per line, and contain no other character
that a reader may take for the end of a line; in the CSV no cell can be taken for a formula, and rows with a cell that
was changed for that say so in the column ``guarded``. Makes no Python object per post, but for texts that need
escaping; memory is bounded by a part of one shard.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from koudai.storage.bucket import JobPath
from koudai.storage.durable import read_bytes, write_with
from koudai.text.arrow import as_numpy, large, numbers, or_zero
from koudai.text.characters.hazards import HARMLESS, guarded

if TYPE_CHECKING:
    import pyarrow as pa

JSONL, CSV = "jsonl", "csv"
FORMATS = (JSONL, CSV)
GUARDED = "guarded"
_PLAIN_JSON = '^[^"\\\\\x00-\x1f\x7f-\x9f\u2028\u2029]*$'
_ESCAPED = {number: f"\\u{number:04x}" for number in (*range(0x7F, 0xA0), 0x2028, 0x2029)}
_ROWS, _BYTES = 4096, 8 << 20


def header(schema: pa.Schema, form: str) -> bytes:
    """Return the header line: the names of the columns in CSV, marked as UTF-8 for spreadsheets; nothing in JSON lines.

    Examples
    --------
    >>> import pyarrow as pa
    >>> header(pa.schema([("post_id", pa.string())]), "csv").decode("utf-8-sig").strip()
    '"post_id","guarded"'
    """
    if form == JSONL:
        return b""
    names = [*map(guarded, schema.names), GUARDED]
    return ("\ufeff" + ",".join(map(_quoted, names)) + "\r\n").encode()


def lines(table: pa.Table, form: str) -> bytes:
    """Return the rows of a table, one after another, as UTF-8.

    Parameters
    ----------
    table
        As `koudai.model.decision.ScoredBatch.to_table` makes it; memory is several times its size.
    form
        ``"jsonl"``: a missing value is null, a list a list, a struct an object; a number has the fewest digits that
        identify it in its type. ``"csv"``: a missing value is empty, the elements of a list are joined by ``;`` and
        the fields of a struct by blanks; lines end in CRLF.

    Examples
    --------
    >>> import pyarrow as pa
    >>> lines(pa.table({"post_id": ["1"], "tagged": [True]}), "jsonl").strip()
    b'{"post_id":"1","tagged":true}'
    """
    columns = [column.combine_chunks() for column in table.columns]
    names = table.schema.names
    return _bytes(_object(names, columns, end="}\n") if form == JSONL else _csv_rows(columns))


def export(shards: Sequence[JobPath], path: JobPath, form: str) -> None:
    """Write the rows of all shards of a job to one file, atomically.

    Parameters
    ----------
    shards
        Parquet files with the same columns, in their order.
    path
        The file; an existing one is replaced.
    form
        As for `lines`.

    Raises
    ------
    StorageError
        If the disk fails; a file at `path` stays as it was.
    """
    import pyarrow.parquet as pq

    def write(temporary: Path) -> None:
        with temporary.open("wb") as out:
            out.write(header(pq.read_schema(parquet_of(shards[0])), form))
            for shard in shards:
                for part in tables_of(shard):
                    out.write(lines(part, form))

    write_with(path, write)


def parquet_of(path: JobPath) -> Any:
    """Return a Parquet file as pyarrow opens it: its path, or what is in the bucket, read whole."""
    import pyarrow as pa

    return path if isinstance(path, Path) else pa.BufferReader(read_bytes(path))


def tables_of(shard: JobPath) -> Iterator[pa.Table]:
    """Yield the rows of a Parquet file in order, in tables of at most 4,096 rows or about 8 MiB."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(parquet_of(shard), buffer_size=1 << 20, pre_buffer=False) as file:
        groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
        widest = max((1 + group.total_byte_size // max(1, group.num_rows) for group in groups), default=1)
        for batch in file.iter_batches(batch_size=max(1, min(_ROWS, _BYTES // widest)), use_threads=False):
            rows = max(1, len(batch) * _BYTES // max(_BYTES, batch.nbytes))
            for start in range(0, len(batch), rows):
                yield pa.Table.from_batches([batch.slice(start, rows)])


def _object(names: list[str], columns: list[pa.Array], *, end: str = "}") -> pa.Array:
    """Return each row as a JSON object."""
    import pyarrow.compute as pc

    parts: list[Any] = []
    for name, column in zip(names, columns, strict=True):
        parts += [large(f"{',' if parts else '{'}{_json_string(name)}:"), _json(column)]
    parts += [large(end), large("")]
    return pc.binary_join_element_wise(*parts)


def _json(column: pa.Array) -> pa.Array:
    """Return the cells of a column as JSON, one text each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _json(column.dictionary_decode())
    if pa.types.is_list(kind):
        found = pc.binary_join_element_wise(large("["), _joined(column, _json, ","), large("]"), large(""))
    elif pa.types.is_struct(kind):
        found = _object([field.name for field in kind], column.flatten())
    elif pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        found = _digits(column)
    else:
        found = _json_strings(column.cast(pa.large_string()))
    return pc.fill_null(found, large("null")) if column.null_count else found


def _digits(column: pa.Array) -> pa.Array:
    """Return numbers or booleans as text, floats always with a point or an exponent."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = column.cast(pa.large_string())
    if not pa.types.is_floating(column.type):
        return text
    whole = or_zero(pc.equal(column, pc.floor(column)))
    if not pc.any(whole).as_py():
        return text
    whole = pc.and_(whole, pc.invert(pc.match_substring(text, "e")))
    return pc.if_else(whole, pc.binary_join_element_wise(text, large(".0"), large("")), text)


def _json_strings(texts: pa.LargeStringArray) -> pa.Array:
    """Return strings as JSON strings; only those with a character to escape become Python's."""
    import pyarrow.compute as pc

    quoted = pc.binary_join_element_wise(large('"'), texts, large('"'), large(""))
    unlike = or_zero(pc.invert(pc.match_substring_regex(texts, _PLAIN_JSON)))
    return _replaced(quoted, texts, unlike, _json_string)


def _json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_ESCAPED)


def _csv_rows(columns: list[pa.Array]) -> pa.Array:
    import pyarrow.compute as pc

    marked = np.zeros(len(columns[0]), dtype=bool)
    cells: list[Any] = []
    for column in columns:
        cell, prefixed = _csv(column)
        marked |= prefixed
        cells.append(cell)
    row = pc.binary_join_element_wise(*cells, _csv(numbers(marked))[0], large(","))
    return pc.binary_join_element_wise(row, large("\r\n"), large(""))


def _csv(column: pa.Array) -> tuple[pa.Array, Any]:
    """Return the cells of a column as CSV, and a mask, shape (n_rows,), of those changed to be no formula."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = _flat(column)
    prefixed = np.zeros(len(column), dtype=bool)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_nested(kind):
        doubtful = or_zero(pc.invert(pc.match_substring_regex(text, HARMLESS)))
        safe = _replaced(text, text, doubtful, guarded)
        prefixed = as_numpy(or_zero(pc.not_equal(safe, text)))
        doubled = pc.replace_substring(safe, '"', '""')
        text = pc.binary_join_element_wise(large('"'), doubled, large('"'), large(""))
    return pc.fill_null(text, large("")), prefixed


def _flat(column: pa.Array) -> pa.Array:
    """Return the cells of a column as text, lists joined by ``;`` and structs by blanks."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _flat(column.dictionary_decode())
    if pa.types.is_list(kind):
        return _joined(column, _flat, ";")
    if pa.types.is_struct(kind):
        return pc.binary_join_element_wise(*map(_flat, column.flatten()), large(" "), null_handling="skip")
    return _digits(column)


def _joined(column: pa.ListArray, one: Any, between: str) -> pa.Array:
    """Convert the elements of each list to text with `one` and join them; null where the list is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    elements = pc.list_flatten(column)
    lengths = as_numpy(or_zero(pc.list_value_length(column)))
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    lists = pa.ListArray.from_arrays(numbers(offsets.astype(np.int32)), one(elements))
    return pc.if_else(column.is_valid(), pc.binary_join(lists, large(between)), pa.nulls(1, pa.large_string())[0])


def _replaced(into: pa.Array, texts: pa.Array, which: pa.Array, change: Any) -> pa.Array:
    """Return `into` with ``change(text)`` at the rows where the mask `which` is true."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pc.any(which).as_py():
        return into
    changed = [change(text) for text in texts.filter(which).to_pylist()]
    return pc.replace_with_mask(into, which, pa.array(changed, pa.large_string()))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _bytes(rows: pa.Array) -> bytes:
    """Return the concatenated bytes of texts."""
    if not len(rows):
        return b""
    _, offsets, data = rows.buffers()
    where = np.frombuffer(offsets, np.int64, count=len(rows) + 1, offset=rows.offset * 8)
    return bytes(memoryview(data)[where[0] : where[-1]]) if data is not None else b""
