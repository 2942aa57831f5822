"""Arguments: what a kernel is called with, as the words that machine code takes, and what comes back.

Promises: arrays, numbers, None and tuples of them, named or not, become one word each: of an array its address as an
object, from which machine code reads where its data are, its shape and its strides. With them comes a key that differs
where numba would give the arguments different types, names of tuples aside. Copies no array and keeps none: who calls
holds them. Neither numba nor llvmlite is needed.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

Key = tuple[Any, ...]
_ROWS, _COLUMNS, _ALIGNED, _WRITABLE = 0x0001, 0x0002, 0x0100, 0x0400
"""NumPy's bits of an array; where rows are contiguous, numba does not ask for columns."""
_IN_ROWS = _ROWS | _ALIGNED | _WRITABLE
_ANYHOW = _COLUMNS | _ALIGNED | _WRITABLE
_OF_PYTHON = {bool: "b1", int: "i8", float: "f8", type(None): "none"}
_NUMBERS: dict[str, type[ctypes._SimpleCData[Any]]] = {
    "b1": ctypes.c_uint8,
    "i1": ctypes.c_int8,
    "i2": ctypes.c_int16,
    "i4": ctypes.c_int32,
    "i8": ctypes.c_int64,
    "u1": ctypes.c_uint8,
    "u2": ctypes.c_uint16,
    "u4": ctypes.c_uint32,
    "u8": ctypes.c_uint64,
    "f4": ctypes.c_float,
    "f8": ctypes.c_double,
}
_FORMATS = {"f4": "f4x", "f8": "d", "u8": "Q"}


def flattened(arguments: tuple[Any, ...]) -> tuple[Key, list[Any]]:
    """Return the key and the words of arguments.

    Raises
    ------
    TypeError
        If one is nothing that kernels take.

    Examples
    --------
    >>> flattened((1, (2.5, None)))
    (('i8', ('f8', 'none')), [1, 2.5, 0])
    >>> array = np.zeros((2, 3), np.int32)
    >>> key, words = flattened((array,))
    >>> words == [id(array)], key == flattened((array.T,))[0]
    (True, False)
    """
    words: list[Any] = []
    return _key(arguments, words), words


def _key(arguments: tuple[Any, ...], words: list[Any]) -> Key:
    key: list[Any] = []
    for argument in arguments:
        if isinstance(argument, np.ndarray) and (kind := argument.dtype).isnative:
            flags = argument.flags.num
            flags &= _IN_ROWS if flags & _ROWS else _ANYHOW
            key.append(kind.num << 24 | argument.ndim << 16 | flags)
            words.append(id(argument))
        elif isinstance(argument, tuple):
            key.append(_key(argument, words))
        elif (number := kind_of(argument)) is not None:
            key.append(number)
            words.append(0 if argument is None else argument)
        else:
            message = f"a kernel takes no {type(argument).__name__}"
            raise TypeError(message)
    return tuple(key)


def kind_of(number: Any) -> str | None:
    """Return the kind of a number, or None if it is none; None is of the kind ``none``.

    Examples
    --------
    >>> kind_of(1), kind_of(np.float32(1)), kind_of(None), kind_of("1")
    ('i8', 'f4', 'none', None)
    """
    kind = _OF_PYTHON.get(type(number))
    if kind == "i8" and number >= 1 << 63:
        return "u8"
    if kind is None and isinstance(number, np.generic):
        kind = number.dtype.str[1:]
        return kind if kind in _NUMBERS else None
    return kind


def format_of(key: Key) -> str:
    """Return how the words that `flattened` gives with `key` are packed, eight bytes each, as `struct` has it.

    Examples
    --------
    >>> format_of(("u1", ("f8", "none"), flattened((np.zeros(1),))[0]))
    'qdqq'
    """
    return "".join(format_of(one) if isinstance(one, tuple) else _FORMATS.get(one, "q") for one in key)


class Returned:
    """What a kernel returns: nothing, a number, or a tuple of numbers; made of their kinds.

    Examples
    --------
    >>> kinds = Returned(("i8", "f8"), as_tuple=True)
    >>> kinds.read(kinds.room())
    (0, 0.0)
    >>> Returned((), as_tuple=False).read(None)
    """

    def __init__(self, kinds: tuple[str, ...], *, as_tuple: bool) -> None:
        self._names = [f"field_{place}" for place in range(len(kinds))]
        fields = [(name, _NUMBERS[kind]) for name, kind in zip(self._names, kinds, strict=True)]
        self.room: Any = type("Room", (ctypes.Structure,), {"_fields_": fields or [("nothing", ctypes.c_int64)]})
        self._truths = {place for place, kind in enumerate(kinds) if kind == "b1"}
        self._as_tuple = as_tuple

    def read(self, room: Any) -> Any:
        """Return what a kernel has written into a `room`."""
        if not self._names:
            return None
        found = [getattr(room, name) for name in self._names]
        if self._truths:
            found = [bool(one) if place in self._truths else one for place, one in enumerate(found)]
        return tuple(found) if self._as_tuple else found[0]
