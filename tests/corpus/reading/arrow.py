"""Arrow columns for tests: every type a column of posts may come in, and values that something is wrong with."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from koudai.limits import ID_CHARACTERS

STRINGS = (
    *("1", "2", "3", "007", "4890123456789012345", " 7", "早上好", "𠮷", "前\x00后", "\x00", "a" * ID_CHARACTERS.value),
    *("", " ", "\t\n", "\u3000\u3000", "\x1c", "\u2028", "\u00a0x", "a" * (ID_CHARACTERS.value + 1)),
    *("长" * ID_CHARACTERS.value, "长" * (ID_CHARACTERS.value + 1), "😂" * 200, "\ufeff", "\u200b"),
)
DAMAGED = (b"\xff", b"\xed\xa0\xbd", b"\xe6\x97", b"ok\x80", b"\xf5\x80\x80\x80", b"\xc0\x80", b"a" * 600 + b"\xfe")


def unchecked(values: list[bytes | None], kind: pa.DataType) -> pa.Array:
    """Return bytes as if they were text of `kind`, as Arrow hands them over from a file that lies."""
    return pa.array(values, pa.large_binary()).cast(kind, safe=False)


def strings(kind: pa.DataType) -> st.SearchStrategy[pa.Array]:
    """Columns of text, some of it damaged."""
    cell = st.none() | st.sampled_from([*(text.encode() for text in STRINGS), *DAMAGED])
    return st.lists(cell, max_size=12).map(lambda values: unchecked(values, kind))


def values(kind: pa.DataType, cell: st.SearchStrategy[Any]) -> st.SearchStrategy[pa.Array]:
    """Columns of anything else."""
    return st.lists(st.none() | cell, max_size=12).map(lambda cells: pa.array(cells, kind))


BYTES = st.sampled_from([*(text.encode() for text in STRINGS), *DAMAGED])
COLUMNS = st.one_of(
    *(strings(kind) for kind in (pa.string(), pa.large_string(), pa.string_view())),
    strings(pa.large_string()).map(lambda column: column.cast(pa.large_binary()).dictionary_encode()),
    *(values(kind, BYTES) for kind in (pa.binary(), pa.large_binary(), pa.binary_view())),
    values(pa.string(), st.sampled_from(STRINGS)).map(lambda column: column.dictionary_encode()),
    values(pa.binary(3), st.sampled_from([b"abc", b"\xff\xff\xff", "早".encode(), b"   "])),
    values(pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    values(pa.uint64(), st.integers(0, 2**64 - 1)),
    values(pa.int8(), st.integers(-128, 127)).map(lambda column: column.dictionary_encode()),
    values(pa.float64(), st.sampled_from([1.0, 1e300, float("nan")])),
    values(pa.bool_(), st.booleans()),
    values(pa.list_(pa.string()), st.lists(st.sampled_from(STRINGS), max_size=2)),
    values(pa.struct([("a", pa.int8())]), st.just({"a": 1})),
    values(pa.timestamp("s"), st.just(1_668_000_000)),
    values(pa.null(), st.none()),
)
"""Columns of every type, at most 12 cells."""
