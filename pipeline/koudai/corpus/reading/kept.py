"""Kept columns: what stands beside a post and goes with it into the results, as text.

Promises: cells of CSV and strings of JSON come as they are, numbers with the digits that were written, lists and
objects as their JSON text; what is missing is null. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from koudai.corpus.reading.parquet import plain_column
from koudai.strict_json import json_text
from koudai.text.arrow import numbers, strings
from koudai.text.characters.hazards import without_surrogates

if TYPE_CHECKING:
    import pyarrow as pa


def kept_values(values: Iterable[Any]) -> pa.StringArray:
    """Return values that `koudai.corpus.reading.rows.rows` gives of a CSV or JSON file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = [value if value is None else _text(value) for value in values]
    there = np.fromiter((value is not None for value in found), bool, len(found))
    return pc.if_else(numbers(there), strings(value or "" for value in found), pa.nulls(1, pa.string())[0])


def kept_column(column: pa.Array) -> pa.LargeStringArray:
    """Return a column of a Parquet file; strings of it may not be UTF-8."""
    import pyarrow as pa

    column = plain_column(column)
    try:
        return column.cast(pa.large_string(), safe=False)
    except pa.ArrowNotImplementedError:
        values = column.to_pylist()
        write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
        return pa.array([None if value is None else write(value) for value in values], pa.large_string())


def _text(value: Any) -> str:
    text = str(value) if isinstance(value, str) else json_text(value)
    return text if text.isascii() else without_surrogates(text)
