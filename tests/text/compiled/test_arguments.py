"""Arguments: what machine code is given is what the kernel of plain Python gets, for every kind of argument."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
import pytest

from koudai.text.compiled.arguments import flattened, format_of
from koudai.text.compiled.jit import compiled, switched_off


class Held(NamedTuple):
    """Arrays and a number under names."""

    table: Any
    shift: Any


@compiled
def taken(held: Any, pair: Any, number: Any, truth: Any) -> Any:
    """Return something of everything."""
    found = held.table[1, 2] + held.shift + pair[0] + pair[1][1]
    return found, number + 1, truth and found > 0


@compiled
def added(numbers: Any, to: Any) -> None:
    """Add one array to another."""
    for place in range(len(numbers)):
        to[place] += numbers[place]


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("form", ["C", "F", "apart", "read-only"])
def test_every_kind_of_argument_arrives(kind: type, form: str) -> None:
    table = np.arange(6, dtype=kind).reshape(2, 3)
    if form == "F":
        table = np.asfortranarray(table)
    if form == "apart":
        table = np.repeat(np.repeat(table, 2, axis=0), 3, axis=1)[::2, ::3]
    table.flags.writeable = form != "read-only"
    for number in (7, np.int64(7), np.float32(7), 7.5, np.uint8(7)):
        held, pair = Held(table, np.int16(3)), (2, np.array([1.0, 4.0]))
        assert taken(held, pair, number, True) == (14.0, number + 1, True)


def test_nothing_is_returned_as_none_and_arrays_are_written_in_place() -> None:
    to = np.zeros(3)
    assert added(np.arange(3), to) is None  # type: ignore[func-returns-value]
    assert to.tolist() == [0, 1, 2]


@pytest.mark.skipif(switched_off(), reason="plain Python takes anything")
@pytest.mark.parametrize("argument", ["a", [1], {}, object()])
def test_what_no_kernel_takes_is_refused(argument: Any) -> None:
    with pytest.raises(TypeError, match="a kernel takes no "):
        added(argument, argument)


def test_there_is_a_place_for_every_word() -> None:
    arguments = (1, None, True, np.float32(1), (np.zeros((2, 2)), (np.zeros(1, np.uint16), 1 << 63)), np.uint8(3))
    key, words = flattened(arguments)
    assert len(struct.pack(format_of(key), *words)) == 8 * len(words)


def test_bytes_in_the_other_order_are_refused() -> None:
    with pytest.raises(TypeError):
        flattened((np.zeros(1, np.dtype(np.int32).newbyteorder()),))


def test_an_array_of_one_row_is_the_same_kind_whether_its_columns_are_contiguous_or_not() -> None:
    """Numba gives both the type of an array in rows; a second kernel would be compiled for nothing."""
    assert flattened((np.zeros((1, 8)),))[0] == flattened((np.zeros((3, 8)),))[0] != flattened((np.zeros((3, 8)).T,))[0]
