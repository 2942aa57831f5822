"""Pickles of tables as pandas 1.1 wrote them, made without it: the names and states that it wrote, in its order
(``BlockManager.__getstate__`` and ``NDFrame.__getstate__`` of pandas 1.1), by the pickler of the standard library.
"""

from __future__ import annotations

import io
import pickle
import types
from typing import Any

import numpy as np
import pandas as pd


def _named(module: str, name: str) -> type:
    return type(name, (), {"__module__": module, "__getstate__": lambda self: self.__dict__["state"]})


Frame = _named("pandas.core.frame", "DataFrame")
Manager = _named("pandas.core.internals.managers", "BlockManager")
Index = _named("pandas.core.indexes.base", "Index")
Int64Index = _named("pandas.core.indexes.numeric", "Int64Index")


def _new_Index(cls: type, fields: dict[str, Any]) -> None:  # noqa: N802  (the name that pandas gives it)
    raise AssertionError


_new_Index.__module__ = "pandas.core.indexes.base"


class _Labels:
    def __init__(self, cls: type, values: np.ndarray) -> None:
        self._made = (_new_Index, (cls, {"data": values, "name": None}))

    def __reduce__(self) -> tuple[Any, ...]:
        return self._made


class _Pickler(pickle._Pickler):
    """Writes names as they are, without asking whether they can be imported here."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_global(self, obj: Any, name: str | None = None) -> None:
        module = obj.__module__.replace("numpy._core", "numpy.core")
        self.write(pickle.GLOBAL + f"{module}\n{name or obj.__qualname__}\n".encode())
        self.memoize(obj)

    dispatch[types.FunctionType] = save_global


def _with_state(cls: type, state: Any) -> Any:
    made = cls()
    made.__dict__["state"] = state
    return made


def pickled(frame: pd.DataFrame, *, protocol: int) -> bytes:
    """Return `frame`, of columns of texts and numbers, as pandas 1.1 pickled it: one block for each kind of column."""
    kinds: dict[Any, list[int]] = {}
    for place, kind in enumerate(frame.dtypes):
        kinds.setdefault(kind, []).append(place)
    axes = [
        _Labels(Index, np.array(list(frame.columns), dtype=object)),
        _Labels(Int64Index, frame.index.to_numpy(dtype=np.int64)),
    ]
    blocks = []
    for kind, places in kinds.items():
        values = np.array([frame.iloc[:, place].to_numpy() for place in places], dtype=kind)
        close = places == list(range(places[0], places[-1] + 1))
        where = slice(places[0], places[-1] + 1, 1) if close else np.array(places, dtype=np.int64)
        blocks.append({"values": values, "mgr_locs": where})
    items = [_Labels(Index, np.array([frame.columns[0]], dtype=object)) for _ in blocks]
    inner = {"0.14.1": {"axes": axes, "blocks": blocks}}
    manager = _with_state(Manager, (axes, [block["values"] for block in blocks], items, inner))
    sink = io.BytesIO()
    _Pickler(sink, protocol=protocol).dump(
        _with_state(Frame, {"_mgr": manager, "_typ": "dataframe", "_metadata": [], "attrs": {}})
    )
    return sink.getvalue()
