"""Cells: what stands in the columns of a record batch, as Arrow strings, as Python values, and as text to be kept.

Promises: text and whole numbers come as they were stored; what was stored as a decimal, a double or a UUID is an id
only where no digit of it can have been lost; a cell that Python cannot hold is an `Unreadable` one, never an exception;
what is kept of nested values is JSON. Does not judge what a row must hold: that is ``posts.py``.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from koudai.strict_json import NumberText
from koudai.text.arrow import as_numpy, numbers

if TYPE_CHECKING:
    import pyarrow as pa

_EXACT_BITS = {"halffloat": 11, "float": 24, "double": 53}
"""Up to two to this power a floating-point number can be told from its whole neighbours."""
_DAYS_TO_10_000 = 2_932_897
_IN_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True, repr=False)
class Unreadable:
    """A cell that holds what Python cannot, as a date beyond the year 9999, and why."""

    why: str

    def __repr__(self) -> str:
        """Return what an excerpt shows in its place."""
        return f"(unreadable: {self.why})"


def cells(column: pa.Array) -> list[Any]:
    """Return the cells of a column: text as str, integers as `NumberText`, bytes that are not UTF-8 as bytes, times to
    the microsecond, and those with a time zone in UTC.
    """
    import pyarrow as pa

    column = plain_column(column)
    if pa.types.is_integer(column.type):
        return [None if value is None else NumberText(value) for value in column.to_pylist()]
    if pa.types.is_timestamp(column.type):
        column = _in_utc(column)
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        values = column.cast(pa.large_binary()).to_pylist()
    except (OverflowError, ValueError, KeyError):
        values = [_cell(one) for one in column]
    if bytes not in set(map(type, values)):
        return values
    return [_decoded(value) if isinstance(value, bytes) else value for value in values]


def as_text(column: pa.Array, *, numbers: bool = False) -> pa.LargeStringArray:
    """Return a column of text or bytes, and with `numbers` of integers, as Arrow strings that may not be UTF-8; a cell
    that holds anything else is null.
    """
    import pyarrow as pa

    column = plain_column(column)
    if is_textual(column.type) or (numbers and pa.types.is_integer(column.type)):
        return column.cast(pa.large_string(), safe=False)
    return pa.array([value if type(value) is str else None for value in cells(column)], pa.large_string())


def as_ids(column: pa.Array) -> pa.LargeStringArray:
    """Return a column of ids as Arrow strings that may not be UTF-8; a cell that is no id is null.

    Text and integers are ids as they stand, decimals where they are whole, UUIDs as they are written, and
    floating-point numbers where they are whole and not beyond 2^53 (2^24 of 32 bits): beyond, digits were lost.
    """
    import pyarrow as pa

    column = plain_column(column)
    if pa.types.is_floating(column.type):
        missing, values = as_numpy(column.is_null()), as_numpy(column.cast(pa.float64()))
        whole = ~missing & (np.abs(values) <= 2.0 ** _EXACT_BITS[str(column.type)]) & (np.floor(values) == values)
        return numbers(np.where(whole, values, 0).astype(np.int64), missing=~whole).cast(pa.large_string())
    if pa.types.is_decimal(column.type):
        parts = [("", "", "") if one is None else f"{one:f}".partition(".") for one in column.to_pylist()]
        whole_part = [before if before and not behind.strip("0") else None for before, _, behind in parts]
        return pa.array(whole_part, pa.large_string())
    if isinstance(column.type, pa.UuidType):
        return pa.array([None if one is None else str(one) for one in column.to_pylist()], pa.large_string())
    return as_text(column, numbers=True)


def as_kept(column: pa.Array) -> pa.LargeStringArray:
    """Return a column that is kept, as Arrow strings that may not be UTF-8: single values as Arrow writes them, and
    nested ones as JSON, in which bytes that are not UTF-8 are hexadecimal and numbers that JSON does not have null.

    Durations are written as ISO 8601 has them, UUIDs with their hyphens, and years beyond 9999 with all their digits.

    Raises
    ------
    pyarrow.ArrowInvalid
        If it holds times of a time zone that is not known here.
    """
    import pyarrow as pa
    from pyarrow import types

    column = plain_column(column)
    if types.is_date(column.type) or types.is_timestamp(column.type):
        far = _far(column)
        if not far.any():
            return column.cast(pa.large_string())
        near = iter(column.filter(numbers(~far)).cast(pa.large_string()).to_pylist())
        return pa.array([_far_text(one) if far[at] else next(near) for at, one in enumerate(column)], pa.large_string())
    if types.is_duration(column.type) or isinstance(column.type, pa.UuidType):
        held = [_held(one) for one in column]
        return pa.array([None if one is None else str(one) for one in held], pa.large_string())
    try:
        return column.cast(pa.large_string(), safe=False)
    except pa.ArrowNotImplementedError:
        try:
            found = column.to_pylist()
        except (OverflowError, ValueError, KeyError):
            found = [_held(one) for one in column]
        write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str).encode
        return pa.array([None if one is None else write(_in_json(one)) for one in found], pa.large_string())


def not_utf8(strings: pa.LargeStringArray) -> NDArray[np.bool_]:
    """Return which strings are not UTF-8."""
    import pyarrow as pa

    wrong = np.zeros(len(strings), dtype=bool)
    spans = [(0, len(strings))]
    while spans:
        start, stop = spans.pop()
        try:
            strings.slice(start, stop - start).validate(full=True)
        except pa.ArrowInvalid:
            middle = (start + stop) // 2
            if middle == start:
                wrong[start] = True
            else:
                spans += [(start, middle), (middle, stop)]
    return wrong


def plain_column(column: pa.Array) -> pa.Array:
    """Return a column without a dictionary."""
    import pyarrow as pa

    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Return a type without a dictionary."""
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def is_textual(kind: pa.DataType) -> bool:
    """Return whether a type is one of text or bytes."""
    from pyarrow import types

    return any(
        is_one(kind)
        for is_one in (
            *(types.is_string, types.is_large_string, types.is_string_view),
            *(types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary),
        )
    )


def _in_utc(column: pa.TimestampArray) -> pa.TimestampArray:
    """Return times to the microsecond; a zone, whose name Python may not know, is left for UTC, which they are in."""
    import pyarrow as pa

    zone = "+00:00" if column.type.tz else None
    unit = "us" if column.type.unit == "ns" else column.type.unit
    return column.cast(pa.timestamp(column.type.unit, zone)).cast(pa.timestamp(unit, zone), safe=False)


def _far(column: pa.Array) -> NDArray[np.bool_]:
    """Return which dates or times are beyond the year 9999, or as far before 1970; shape (n_cells,)."""
    import pyarrow as pa

    units, is_time = _units_in_a_day(column.type), pa.types.is_timestamp(column.type)
    counted = as_numpy(column.cast(pa.int64() if is_time or units > 1 else pa.int32()))
    most = _DAYS_TO_10_000 * units
    far: NDArray[np.bool_] = ((counted >= most) | (counted <= -most)) & ~as_numpy(column.is_null())
    return far


def _units_in_a_day(kind: pa.DataType) -> int:
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return 86_400 * _IN_A_SECOND[kind.unit]
    return 1 if pa.types.is_date32(kind) else 86_400_000


def _far_text(one: pa.Scalar) -> str:
    """Return a date or a time, in UTC if it has a zone, of any year."""
    import pyarrow as pa

    if pa.types.is_timestamp(one.type):
        return str(np.datetime64(one.value, one.type.unit)).replace("T", " ") + ("Z" if one.type.tz else "")
    return str(np.datetime64(one.value // _units_in_a_day(one.type), "D"))


def _cell(one: pa.Scalar) -> Any:
    """Return a cell as Python has it, or why it cannot be had."""
    try:
        return one.as_py()
    except (OverflowError, ValueError, KeyError) as error:
        return Unreadable(str(error))


def _held(one: pa.Scalar) -> Any:
    """Return a nested cell, in which what Python cannot hold is text."""
    import pyarrow as pa

    if not one.is_valid:
        return None
    if isinstance(one, pa.ListScalar):
        return [_held(item) for item in one.values]
    if isinstance(one, pa.StructScalar):
        return {one.type.field(at).name: _held(one[at]) for at in range(one.type.num_fields)}
    if pa.types.is_duration(one.type):
        return _duration_text(one.value * 10**6 // _IN_A_SECOND[one.type.unit])
    value = _cell(one)
    return _far_text(one) if isinstance(value, Unreadable) and pa.types.is_temporal(one.type) else value


def _in_json(value: Any) -> Any:
    """Return a nested value as JSON can have it."""
    if isinstance(value, list | tuple):
        return [_in_json(item) for item in value]
    if isinstance(value, dict):
        return {key: _in_json(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, timedelta):
        return _duration_text(value // timedelta(microseconds=1))
    if isinstance(value, bytes):
        decoded = _decoded(value)
        return decoded if isinstance(decoded, str) else value.hex()
    return value


def _duration_text(microseconds: int) -> str:
    """Return a duration in seconds, as ISO 8601 writes it."""
    whole, millionths = divmod(abs(microseconds), 10**6)
    fraction = f".{millionths:06d}".rstrip("0") if millionths else ""
    return f"{'-' if microseconds < 0 else ''}PT{whole}{fraction}S"


def _decoded(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
