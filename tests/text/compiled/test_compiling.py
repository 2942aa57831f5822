"""Compiling: the object file of a kernel holds all that it needs, and a kernel returns numbers or is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from koudai.errors import UsageError
from koudai.text.compiled.jit import allocating, compiled, switched_off


@compiled
def inner(number: Any) -> Any:
    """Return twice a number."""
    return 2 * number


@compiled
def outer(number: Any) -> Any:
    """Return four times a number, by another kernel."""
    return inner(inner(number))


@allocating
def array_of(size: Any) -> Any:
    """Return an array."""
    return np.empty(size)


def test_a_kernel_calls_another_and_either_is_called_from_python_in_any_order() -> None:
    assert outer(3) == 12
    assert inner(3) == 6
    assert outer(1.5) == 6.0
    assert inner(np.uint8(4)) == 8


@pytest.mark.skipif(switched_off(), reason="numba compiles nothing")
def test_numbas_own_functions_in_the_same_process_stay_numbas() -> None:
    import numba

    @numba.njit
    def own(numbers: Any) -> Any:
        return numbers.sum() + np.zeros(3).sum()

    assert outer(2) == 8
    assert own(np.arange(4)) == 6
    assert numba.njit(lambda number: number + 1)(1) == 2


@pytest.mark.skipif(switched_off(), reason="plain Python returns anything")
def test_a_kernel_that_returns_an_array_is_refused() -> None:
    with pytest.raises(UsageError, match="a kernel returns numbers"):
        array_of(3)


@allocating
def grown(size: Any) -> Any:
    """Return the length of a list that grows, which numba's runtime does."""
    found = [0]
    for place in range(size):
        found.append(place)
    return len(found)


@pytest.mark.skipif(switched_off(), reason="plain Python has lists")
def test_a_kernel_that_needs_numbas_runtime_is_refused() -> None:
    """It would be loaded where nothing of numba is, and end the process."""
    with pytest.raises(UsageError, match="which numba alone has"):
        grown(3)


@allocating
def ordered(numbers: Any) -> None:
    """Sort some numbers, for which numba makes a list."""
    numbers[: len(numbers)].sort()


@pytest.mark.parametrize("size", [0, 3, 40, 1000])
def test_numbers_are_sorted(size: int) -> None:
    numbers = np.random.default_rng(1).integers(0, 100, size).astype(np.uint64)
    expected = sorted(numbers.tolist())
    ordered(numbers)
    assert numbers.tolist() == expected
