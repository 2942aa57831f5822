"""Conversion between Arrow arrays, NumPy arrays and Python strings, without pandas.

Promises: the results of `pyarrow.array`, `pyarrow.scalar`, ``fill_null`` and ``to_numpy``, which import pandas to
recognise a Series, a fifth of a second at every start. Converts strings, numbers and booleans, and nothing else.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

_NAMES = {"float": "float32", "double": "float64"}
"""Arrow's names of types that have another name in NumPy."""


def strings(texts: Iterable[str]) -> pa.StringArray:
    """Return strings as an array.

    Raises
    ------
    UnicodeEncodeError
        If one holds a lone surrogate.

    Examples
    --------
    >>> strings(["早上好", ""]).to_pylist()
    ['早上好', '']
    """
    import pyarrow as pa

    encoded = [text.encode() for text in texts]
    stops = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, encoded), np.int32, len(encoded)), out=stops[1:])
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(stops), pa.py_buffer(b"".join(encoded)))


def numbers(of: NDArray[Any], *, missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return numbers or booleans, shape (n,), as an array of their type, null where `missing`.

    Examples
    --------
    >>> numbers(np.array([1.5, 2.5]), missing=np.array([False, True])).to_pylist()
    [1.5, None]
    """
    import pyarrow as pa

    kind = pa.from_numpy_dtype(of.dtype)
    valid = None if missing is None or not missing.any() else _bits(~missing)
    return pa.Array.from_buffers(kind, len(of), [valid, _bits(of) if of.dtype == bool else pa.py_buffer(of.copy())])


@functools.cache
def large(text: str) -> pa.LargeStringScalar:
    """Return a text as a ``large_string`` scalar, to be combined with arrays; scalars are cached.

    Examples
    --------
    >>> str(large("早").type)
    'large_string'
    """
    import pyarrow as pa

    return strings((text,)).cast(pa.large_string())[0]


def or_zero(of: pa.Array) -> pa.Array:
    """Return numbers or booleans with nulls replaced by 0 or false.

    Examples
    --------
    >>> or_zero(numbers(np.array([True, True]), missing=np.array([False, True]))).to_pylist()
    [True, False]
    """
    import pyarrow.compute as pc

    return pc.fill_null(of, numbers(np.zeros(1, np.bool_))[0].cast(of.type)) if of.null_count else of


def as_numpy(of: pa.Array) -> NDArray[Any]:
    """Return an array of numbers or booleans, shape (n,); values at null positions are undefined.

    Examples
    --------
    >>> as_numpy(numbers(np.array([True, False])))
    array([ True, False])
    """
    import pyarrow as pa

    start, stop = of.offset, of.offset + len(of)
    kind = np.dtype(_NAMES.get(str(of.type), str(of.type)))
    body = of.buffers()[1]
    if not len(of):
        return np.empty(0, kind)
    if pa.types.is_boolean(of.type):
        return np.unpackbits(np.frombuffer(body, np.uint8), bitorder="little")[start:stop].view(np.bool_)
    return np.frombuffer(body, kind)[start:stop]


def _bits(truths: NDArray[np.bool_]) -> pa.Buffer:
    import pyarrow as pa

    return pa.py_buffer(np.packbits(truths, bitorder="little"))
