"""Loading: a kernel's memory is its own and given back, and its failures are named without unpickling anything."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from koudai.text.compiled.jit import allocating, compiled, switched_off


@allocating
def scratch(size: Any) -> Any:
    """Return the sum of numbers in memory of the kernel's own."""
    kept = np.empty(size, np.int64)
    for place in range(size):
        kept[place] = place
    return kept.sum()


@compiled
def divided(number: Any, by: Any) -> Any:
    """Return a quotient."""
    return number // by


def test_memory_of_a_kernel_is_taken_and_given_back() -> None:
    assert [scratch(size) for size in (0, 1, 1000, 3_000_000)] == [0, 0, 499_500, 4_499_998_500_000]


@pytest.mark.skipif(switched_off(), reason="plain Python raises what NumPy does")
def test_memory_that_is_not_there_is_a_memory_error() -> None:
    with pytest.raises(MemoryError):
        scratch(1 << 58)


def test_a_division_by_zero_is_named() -> None:
    assert divided(7, 2) == 3
    with pytest.raises(ZeroDivisionError):
        divided(7, 0)
