"""Originals that are pickled pandas tables, read without pandas and without unpickling.

Promises: columns of text, whole numbers, floats and truth values come as they are, whatever pandas wrote them; a table
of another build is refused. An array is as long as its own bytes or items: a shape that claims more is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from koudai.corpus.fetching.originals import Row, parser, unlike
from koudai.corpus.fetching.originals.pickled import Made, read_pickle

_SIZES = re.compile(r"[iuf][1248]|b1")


@parser("pandas-pickle")
def pandas_pickle(originals: dict[str, bytes], encodings: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    """Yield the rows of pickled tables; `encodings` play no part, for a pickle holds text."""
    for path, data in originals.items():
        columns = read_frame(data, path=path)
        for values in zip(*columns.values(), strict=True):
            yield path, dict(zip(columns, values, strict=True))


def read_frame(data: bytes, *, path: str) -> dict[str, list[Any]]:
    """Return the columns of a pickled ``DataFrame``, in its order, the index left out.

    Raises
    ------
    ReadError
        If it is anything else, or a table whose columns are not plain arrays.
    """
    frame = read_pickle(data, path=path)
    try:
        names, blocks = _manager(_made(frame, "pandas.core.frame.DataFrame", "pandas.DataFrame").state)
        columns: dict[int, list[Any]] = {}
        for values, positions in blocks:
            block = _array(values)
            for row, position in enumerate(_positions(positions, len(block))):
                columns[position] = block[row].tolist()
        found = {str(name): columns[position] for position, name in enumerate(names)}
        if len(found) != len(columns) or len({len(column) for column in columns.values()}) > 1:
            message = "columns that do not fit together"
            raise ValueError(message)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise unlike(path, expected="a pickled table of text and numbers", got=error) from error
    return found


def _made(thing: Any, *names: str) -> Made:
    if not isinstance(thing, Made) or thing.name not in names:
        message = f"{getattr(thing, 'name', type(thing).__name__)} where {' or '.join(names)} was expected"
        raise ValueError(message)
    return thing


def _manager(state: Any) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """Return the names of the columns, and each block's values with the positions of its columns.

    Since pandas 1.3 the blocks are arguments of the manager; before that they stand in its state.
    """
    manager = _made(state.get("_mgr", state.get("_data")), "pandas.core.internals.managers.BlockManager")
    if manager.args:
        made, axes = manager.args
        blocks = [_made(block, "pandas._libs.internals._unpickle_block").args[:2] for block in made]
    else:
        inner = manager.state[3]["0.14.1"]
        axes, blocks = inner["axes"], [(block["values"], block["mgr_locs"]) for block in inner["blocks"]]
    index = _made(axes[0], "pandas.core.indexes.base._new_Index")
    return _array(index.args[1]["data"]).tolist(), blocks


def _positions(positions: Any, n: int) -> list[int]:
    """Return where in the table the `n` columns of a block stand, from a slice or an array."""
    if isinstance(positions, Made) and positions.name.endswith(".slice"):
        start, stop, step = positions.args
        found = list(range(start or 0, min(stop, (start or 0) + n * (step or 1)), step or 1))
    else:
        found = _array(positions).tolist()
    if len(found) != n:
        message = f"{n} columns for {len(found)} positions"
        raise ValueError(message)
    return found


def _array(thing: Any) -> NDArray[Any]:
    """Return an array whose raw bytes, or items, stand in the pickle."""
    if isinstance(thing, Made) and thing.name.endswith("._frombuffer"):
        raw, dtype, shape, order = thing.args
    else:
        made = _made(thing, "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
        _, shape, dtype, fortran, raw = made.state
        order = "F" if fortran else "C"
    kind, swapped = _dtype(dtype)
    if kind == "O" and isinstance(raw, list):
        flat: NDArray[Any] = np.empty(len(raw), dtype=object)
        flat[:] = raw
    else:
        flat = np.frombuffer(_bytes(raw), dtype=np.dtype(kind).newbyteorder(">" if swapped else "<"))
    return flat.reshape(shape, order=order)


def _dtype(thing: Any) -> tuple[str, bool]:
    """Return the kind and size of an array's items, such as ``i8`` or ``O``, and whether the highest byte is first."""
    made = _made(thing, "numpy.dtype")
    kind = str(made.args[0])
    if kind in ("O8", "O"):
        return "O", False
    if not _SIZES.fullmatch(kind):
        message = f"an array of {kind}"
        raise ValueError(message)
    return kind, made.state[1] == ">"


def _bytes(raw: Any) -> bytes:
    """Return raw bytes, which protocol 2 wraps in text."""
    if isinstance(raw, Made) and raw.name == "_codecs.encode":
        return str(raw.args[0]).encode("latin-1")
    if not isinstance(raw, bytes | bytearray):
        message = f"{type(raw).__name__} where the bytes of an array were expected"
        raise ValueError(message)
    return bytes(raw)
