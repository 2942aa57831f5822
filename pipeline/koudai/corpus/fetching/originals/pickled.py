"""Pickles as data: what a pickle says it is made of, without making it.

Promises: nothing is imported, called or built, whatever the pickle asks for. Its opcodes are read one by one with
``pickletools``, which knows the format and executes nothing; where the real machine would import a class, a `Named`
stands, where it would call one, a `Made` that remembers the arguments and the state. Only opcodes and names that tables
of pandas and numpy need are known; any other is refused by name. Time and memory grow with the bytes read, not with
sizes that the pickle claims. The ``pickle`` module is not used anywhere in koudai.

Source: PEP 307, PEP 3154 and the documentation of the opcodes in CPython's ``pickletools``.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass
from typing import Any

from koudai.corpus.fetching.originals import unlike
from koudai.errors import LimitExceeded
from koudai.limits import PICKLE_OPCODES

NAMES = frozenset(
    {
        "__builtin__.slice",
        "_codecs.encode",
        "builtins.slice",
        "numpy._core.multiarray._reconstruct",
        "numpy._core.numeric._frombuffer",
        "numpy.core.multiarray._reconstruct",
        "numpy.core.numeric._frombuffer",
        "numpy.dtype",
        "numpy.ndarray",
        "pandas.DataFrame",
        "pandas.Index",
        "pandas.RangeIndex",
        "pandas._libs.internals._unpickle_block",
        "pandas.core.frame.DataFrame",
        "pandas.core.indexes.base.Index",
        "pandas.core.indexes.base._new_Index",
        "pandas.core.indexes.numeric.Int64Index",
        "pandas.core.indexes.range.RangeIndex",
        "pandas.core.internals.managers.BlockManager",
    }
)
"""What a pickled table may name. None of it is ever looked up."""
_VALUES = frozenset(
    {"BINBYTES", "BINBYTES8", "BINFLOAT", "BININT", "BININT1", "BININT2", "BINUNICODE", "BINUNICODE8", "BYTEARRAY8"}
    | {"LONG1", "LONG4", "SHORT_BINBYTES", "SHORT_BINUNICODE"}
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


@dataclass(frozen=True, slots=True)
class Named:
    """A class or function that the pickle names: module and name, joined by a dot."""

    name: str


@dataclass(slots=True, eq=False)
class Made:
    """What the pickle would have made: from what, with which arguments, and the state it would have been given."""

    name: str
    args: tuple[Any, ...]
    state: Any = None


def read_pickle(data: bytes, *, path: str) -> Any:
    """Return what a pickle of protocol 2 to 5 holds, as lists, tuples, dicts, text, numbers, bytes, `Named` and `Made`.

    Raises
    ------
    ReadError
        If it is not a pickle, is cut short, or holds an opcode or a name that tables do not need.
    LimitExceeded
        If it has more than PICKLE_OPCODES opcodes.
    """
    machine = _Machine(path)
    try:
        for count, (opcode, argument, offset) in enumerate(pickletools.genops(data)):
            if count == PICKLE_OPCODES.value:
                raise LimitExceeded(
                    what="this pickle is too long",
                    where=path,
                    expected=f"at most {PICKLE_OPCODES.value} {PICKLE_OPCODES.unit}",
                    happened="nothing was written",
                )
            machine.step(opcode.name, argument, offset)
        return machine.pop()
    except (ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise unlike(path, expected="a whole pickle", got=error) from error


class _Machine:
    """A stack, the heights at which it was marked, and a memo of what was put aside."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def pop(self) -> Any:
        if self._marks and len(self._stack) == self._marks[-1]:
            message = "a mark where a value was expected"
            raise ValueError(message)
        return self._stack.pop()

    def step(self, name: str, argument: Any, offset: int | None) -> None:
        if name in _VALUES:
            self._stack.append(argument)
        elif name in _CONSTANTS:
            self._stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            self._stack.append(tuple(reversed([self.pop() for _ in range(_TUPLES[name])])))
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            self._stack.append(self._name(argument, offset))
        elif not self._memorised(name, argument) and not self._built(name):
            raise unlike(self._path, expected="opcodes of a table", got=f"{name} at byte {offset}")

    def _memorised(self, name: str, argument: Any) -> bool:
        if name == "MEMOIZE":
            self._memo[len(self._memo)] = self._stack[-1]
        elif name in ("BINPUT", "LONG_BINPUT"):
            self._memo[argument] = self._stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            self._stack.append(self._memo[argument])
        else:
            return name in ("PROTO", "FRAME", "STOP")
        return True

    def _built(self, name: str) -> bool:
        if name == "MARK":
            self._marks.append(len(self._stack))
        elif name in ("EMPTY_LIST", "EMPTY_DICT"):
            self._stack.append([] if name == "EMPTY_LIST" else {})
        elif name == "TUPLE":
            self._stack.append(tuple(self._since_mark()))
        elif name in ("APPEND", "APPENDS"):
            items = [self.pop()] if name == "APPEND" else self._since_mark()
            self._top(list).extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = self._since_mark() if name == "SETITEMS" else [self.pop(), self.pop()][::-1]
            if not all(isinstance(key, str) for key in items[::2]):
                message = "a key that is not text"
                raise ValueError(message)
            self._top(dict).update(zip(items[::2], items[1::2], strict=True))
        elif name in ("REDUCE", "NEWOBJ"):
            args, made_of = self.pop(), self.pop()
            if not isinstance(made_of, Named) or not isinstance(args, tuple):
                message = f"{name} of something that is not a name"
                raise ValueError(message)
            self._stack.append(Made(made_of.name, args))
        elif name == "BUILD":
            state = self.pop()
            self._top(Made).state = state
        else:
            return False
        return True

    def _name(self, argument: Any, offset: int | None) -> Named:
        if argument is None:
            attribute, module = self.pop(), self.pop()
        else:
            module, _, attribute = argument.partition(" ")
        name = f"{module}.{attribute}"
        if name not in NAMES:
            raise unlike(self._path, expected="names of tables of pandas and numpy", got=f"{name} at byte {offset}")
        return Named(name)

    def _since_mark(self) -> list[Any]:
        at = self._marks.pop()
        items = self._stack[at:]
        del self._stack[at:]
        return items

    def _top(self, kind: type) -> Any:
        if not isinstance(self._stack[-1], kind):
            message = f"a {kind.__name__} was expected on top of the stack"
            raise ValueError(message)
        return self._stack[-1]
